"""UNKNOWN: a statement whose meaning isn't certain.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Example, Rule, Text

RULE = Rule(
    id="SQL001",
    code="UNKNOWN",
    severity=Severity.BLOCK,
    title=Text(zh="含义不确定", en="Meaning not certain"),
    message=Text(
        zh="无法确定这条语句的含义（{detail}），因此不能执行。请检查语法，或拆成常见的写法。",
        en="What this statement means isn't certain ({detail}), so it can't be executed. Check its syntax, or write it in a common form.",
    ),
    why=Text(
        zh="审核不能确定语句会做什么时，一律不执行；请改用常见写法，或向管理员反馈。",
        en="What isn't certain is never executed; write it in a common form, or tell your administrator.",
    ),
    fails=(Example("FROBNICATE orders"),),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
