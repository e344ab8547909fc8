"""ENCODING: bytes or literals in another encoding than the UTF-8 that reviewer and server share.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Example, Rule, Text

RULE = Rule(
    id="LEX001",
    code="ENCODING",
    severity=Severity.BLOCK,
    title=Text(zh="编码不一致", en="Another encoding"),
    message=Text(
        zh="编码与 UTF-8 不一致（{detail}），数据库读到的语句可能与看到的不同。请改用 UTF-8。",
        en="Another encoding than UTF-8 ({detail}): the database may read another statement than you see. Use UTF-8.",
    ),
    why=Text(
        zh="如果数据库用别的编码解析语句，引号可能在另一处结束，执行的就不是看到的语句。",
        en="Where the database reads the statement in another encoding, a quote may end somewhere else, and what runs isn't what was read.",
    ),
    fails=(Example("SELECT '\ud800'"),),
    passes=(Example("SELECT 'plain'"),),
)
