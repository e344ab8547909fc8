"""TOO_COMPLEX: nested deeper than can be judged.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Example, Rule, Text

RULE = Rule(
    id="SQL002",
    code="TOO_COMPLEX",
    severity=Severity.BLOCK,
    title=Text(zh="语句过于复杂", en="Too complex"),
    message=Text(
        zh="语句嵌套太深，无法分析。请拆分或简化。",
        en="The statement is nested too deep to be analysed. Split or simplify it.",
    ),
    why=Text(
        zh="嵌套层数超出了可以可靠分析的范围，因此不能执行。",
        en="It is nested deeper than can be judged with certainty, so it isn't executed.",
    ),
    fails=(Example("SELECT " + "(" * 5000 + "1" + ")" * 5000),),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
