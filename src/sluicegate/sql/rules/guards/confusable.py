"""CONFUSABLE: names and blanks that look like others: Cyrillic in Latin, full-width forms, invisible marks.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Example, Rule, Text

RULE = Rule(
    id="LEX003",
    code="CONFUSABLE",
    severity=Severity.BLOCK,
    title=Text(zh="容易看错的字符", en="Characters that look like others"),
    message=Text(
        zh="{detail} 容易与别的字符混淆（形近字母、全角字符或不可见字符）。请改用普通字符。",
        en="{detail} is easily mistaken for something else (look-alike letters, full-width or invisible characters). Use plain characters.",
    ),
    why=Text(
        zh="西里尔字母、全角字符或不可见字符会使审批人看到的名称与数据库理解的不同。",
        en="With Cyrillic letters, full-width forms or invisible marks the approver reads another name than the database does.",
    ),
    fails=(Example("UPDATE us\u0435rs SET a = 1 WHERE id = 1"),),
    passes=(Example("UPDATE users SET a = 1 WHERE id = 1"),),
)
