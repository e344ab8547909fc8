"""DOS: keeps the server busy or waiting.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="SEC015",
    code="DOS",
    severity=Severity.ERROR,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="长时间占用数据库", en="Keeping the server busy"),
    message=Text(
        zh="{detail} 会长时间占用数据库。请删除它。", en="{detail} keeps the database busy. Remove it."
    ),
    why=Text(
        zh="休眠或大量空算会占住连接和执行器，对业务没有意义。",
        en="Sleeping or computing for nothing holds a connection and the worker, and serves no change.",
    ),
    fails=(
        Example("UPDATE orders SET total = SLEEP(100) WHERE id = 1", families=("mysql",)),
        Example("SELECT pg_sleep(100)", families=("postgresql",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
