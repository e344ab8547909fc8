"""ADMIN_FUNC: administers the server.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="SEC016",
    code="ADMIN_FUNC",
    severity=Severity.BLOCK,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="管理服务器的操作", en="Administering the server"),
    message=Text(
        zh="{detail} 是管理数据库的操作，不能通过工单执行。",
        en="{detail} administers the database and can't be done by a ticket.",
    ),
    why=Text(
        zh="终止会话、刷新缓存、切换日志等操作影响整个服务器，超出一次变更的范围，也无法撤销。",
        en="Ending sessions, flushing caches or switching logs concerns the whole server, reaches beyond one change and can't be undone.",
    ),
    fails=(
        Example("KILL 42", families=("mysql",)),
        Example("FLUSH TABLES orders", families=("mysql",)),
        Example("SELECT pg_terminate_backend(42)", families=("postgresql",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
