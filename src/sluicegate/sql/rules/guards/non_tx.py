"""NON_TX: can't run in a transaction, or isn't undone with it.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, SQLITE, Example, Rule, Text

RULE = Rule(
    id="TXN003",
    code="NON_TX",
    severity=Severity.WARNING,
    families=frozenset({POSTGRESQL, SQLITE}),
    title=Text(zh="不在事务内执行", en="Not in a transaction"),
    message=Text(
        zh="{detail} 不在事务内执行，或不能随事务回滚；失败时可能留下一半结果。",
        en="{detail} doesn't run in a transaction, or isn't rolled back with it; a failure may leave half of it.",
    ),
    why=Text(
        zh="失败时已完成的部分不会回滚，需要人工检查并清理。",
        en="What it did before a failure isn't rolled back; somebody has to look and clean up.",
    ),
    fails=(
        Example("CREATE INDEX CONCURRENTLY orders_total ON orders (total)", families=("postgresql",)),
        Example("VACUUM", families=("sqlite",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
