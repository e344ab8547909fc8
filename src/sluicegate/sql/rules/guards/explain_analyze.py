"""EXPLAIN_ANALYZE: EXPLAIN that executes.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="SEC001",
    code="EXPLAIN_ANALYZE",
    severity=Severity.ERROR,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="会真正执行的 EXPLAIN", en="EXPLAIN that executes"),
    message=Text(
        zh="这条 EXPLAIN 会真正执行 {detail}。请去掉 ANALYZE。",
        en="This EXPLAIN really executes the {detail}. Leave ANALYZE out.",
    ),
    why=Text(
        zh="EXPLAIN ANALYZE 会执行语句本身；用在修改数据的语句上，数据就真的变了。",
        en="EXPLAIN ANALYZE runs the statement itself; of a change, the data really changes.",
    ),
    fails=(Example("EXPLAIN ANALYZE DELETE FROM orders WHERE id = 1"),),
    passes=(Example("EXPLAIN SELECT id FROM orders"),),
)
