"""LOCK_FUNC: takes or releases the locks that guard executions.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="SEC014",
    code="LOCK_FUNC",
    severity=Severity.BLOCK,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="保护执行的锁", en="The locks that guard executions"),
    message=Text(
        zh="{detail} 会取得或释放保护执行过程的锁，不允许执行。",
        en="{detail} takes or releases the locks that guard executions and is not allowed.",
    ),
    why=Text(
        zh="本系统用这些锁保证同一目标上不会同时执行两个变更；脚本不得占用或释放它们。",
        en="Sluicegate uses these locks so that no two changes run on one target at once; a script must neither take nor release them.",
    ),
    fails=(
        Example("DO RELEASE_ALL_LOCKS()", families=("mysql",)),
        Example("SELECT pg_advisory_unlock_all()", families=("postgresql",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
