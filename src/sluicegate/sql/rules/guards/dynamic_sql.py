"""DYNAMIC_SQL: SQL made at run time: nobody can read beforehand what it does.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="SEC018",
    code="DYNAMIC_SQL",
    severity=Severity.BLOCK,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="运行时生成的 SQL", en="SQL made at run time"),
    message=Text(
        zh="{detail} 执行的 SQL 在运行时才生成，审批人无法事先看到。请直接写出要执行的语句。",
        en="{detail} runs SQL that is made at run time, so nobody can read it beforehand. Write the statements themselves.",
    ),
    why=Text(
        zh="语句的内容到执行时才确定，审批人和审核都无法事先看到它会做什么。",
        en="What will run is only known when it runs, so neither the approver nor the review can see it beforehand.",
    ),
    fails=(
        Example("PREPARE s FROM 'DELETE FROM orders'", families=("mysql",)),
        Example("EXECUTE s", families=("mysql",)),
        Example("DO $$ BEGIN EXECUTE 'DELETE FROM ' || 'orders'; END $$", families=("postgresql",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
