"""HINT: an optimizer hint; some set variables or lift limits.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Rule, Text

RULE = Rule(
    id="LEX008",
    code="HINT",
    severity=Severity.INFO,
    families=frozenset({MYSQL}),
    title=Text(zh="优化器提示", en="An optimizer hint"),
    message=Text(
        zh="含有优化器提示 {detail}，它可能改变变量或取消限制。",
        en="Holds the optimizer hint {detail}, which may set variables or lift limits.",
    ),
    why=Text(
        zh="提示可以设置变量、取消超时，也会在数据变化后让执行计划变差。",
        en="A hint can set variables and lift time limits, and may force a bad plan once the data has changed.",
    ),
    fails=(Example("SELECT /*+ MAX_EXECUTION_TIME(0) */ id FROM orders"),),
    passes=(Example("SELECT /* note */ id FROM orders"),),
)
