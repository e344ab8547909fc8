"""LOCK: others have to wait while it runs.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="DDL002",
    code="LOCK",
    severity=Severity.WARNING,
    families=frozenset({POSTGRESQL}),
    title=Text(zh="执行期间加锁", en="Locks while it runs"),
    message=Text(
        zh="{detail} 执行期间会加锁，其他会话需要等待。大表请选在低峰期执行。",
        en="{detail} takes locks that make others wait. Run it on large tables when there is little traffic.",
    ),
    why=Text(
        zh="其他会话在它执行期间需要等待；表越大，等待越久。",
        en="Other sessions wait while it runs; the larger the table, the longer.",
    ),
    fails=(
        Example("ALTER TABLE orders ALTER COLUMN total TYPE bigint"),
        Example("CREATE INDEX orders_total ON orders (total)"),
    ),
    passes=(Example("CREATE TABLE fresh (id int)"),),
)
