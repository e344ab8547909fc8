"""SET_SESSION: changes how the session runs what follows.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="SES001",
    code="SET_SESSION",
    severity=Severity.BLOCK,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="改变会话设置", en="Changing the session"),
    message=Text(
        zh="{detail} 会改变会话的设置，影响后面语句的执行方式。请删除它。",
        en="{detail} changes the session and how later statements run. Remove it.",
    ),
    why=Text(
        zh="会话设置会悄悄改变后面语句的行为，例如关闭外键检查或触发器。",
        en="The session's settings silently change what later statements do: foreign keys or triggers off, for example.",
    ),
    fails=(
        Example("SET foreign_key_checks = 0", families=("mysql",)),
        Example("SET session_replication_role = replica", families=("postgresql",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
