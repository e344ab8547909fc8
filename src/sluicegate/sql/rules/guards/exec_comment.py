"""EXEC_COMMENT: a comment whose content the server runs.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Rule, Text

RULE = Rule(
    id="LEX005",
    code="EXEC_COMMENT",
    severity=Severity.WARNING,
    families=frozenset({MYSQL}),
    title=Text(zh="会被执行的注释", en="A comment that is executed"),
    message=Text(
        zh="注释 {detail} 里的内容会被数据库执行。请把它写成普通语句，或确认其内容。",
        en="The database runs what is inside the comment {detail}. Write it as a plain statement, or check its content.",
    ),
    why=Text(
        zh="看起来是注释，数据库却会执行其中的内容；不同版本的服务器还可能有不同的做法。",
        en="It looks like a comment, but the database runs what is inside, and servers of other versions may not.",
    ),
    fails=(Example("UPDATE orders SET total = 1 /*! WHERE id = 1 */"),),
    passes=(Example("UPDATE orders SET total = 1 /* only one */ WHERE id = 1"),),
)
