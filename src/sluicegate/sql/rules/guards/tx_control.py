"""TX_CONTROL: transactions are opened and closed by the execution alone.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Rule, Text

RULE = Rule(
    id="TXN001",
    code="TX_CONTROL",
    severity=Severity.BLOCK,
    families=STRUCTURED,
    title=Text(zh="事务控制语句", en="Transaction control"),
    message=Text(
        zh="{detail} 会开启、提交或回滚事务；事务由系统管理。请删除它。",
        en="{detail} opens, commits or rolls back transactions, which Sluicegate does itself. Remove it.",
    ),
    why=Text(
        zh="事务由本系统开启和提交，这样才能证明每条语句是否生效；脚本自己提交会破坏这一点。",
        en="Sluicegate opens and commits transactions, which is how it proves what was applied; a script that commits by itself breaks that.",
    ),
    fails=(
        Example("COMMIT"),
        Example("ROLLBACK"),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
