"""TAUTOLOGY: a WHERE that filters nothing.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Rule, Text

RULE = Rule(
    id="DML002",
    code="TAUTOLOGY",
    severity=Severity.ERROR,
    families=STRUCTURED,
    title=Text(zh="条件不起作用", en="A condition that filters nothing"),
    message=Text(
        zh="条件 {detail} 起不到过滤作用，可能影响所有行。请核对条件。",
        en="The condition at {detail} filters nothing and may affect every row. Check it.",
    ),
    why=Text(
        zh="1 = 1 之类的条件看起来有过滤，实际上会影响所有行。",
        en="Conditions like 1 = 1 look like a filter, but every row is affected.",
    ),
    fails=(
        Example("DELETE FROM orders WHERE 1 = 1"),
        Example("UPDATE orders SET total = 1 WHERE id = id"),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
