"""NO_WHERE: UPDATE or DELETE of all rows.

The readers of the dialects note the cases; carries over CloudDM's update_001 and delete_001.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Rule, Text

RULE = Rule(
    id="DML001",
    code="NO_WHERE",
    severity=Severity.ERROR,
    families=STRUCTURED,
    title=Text(zh="没有 WHERE 条件", en="No WHERE"),
    message=Text(
        zh="{detail} 没有 WHERE 条件，会影响表中所有行。",
        en="{detail} without WHERE affects every row of the table.",
    ),
    why=Text(
        zh="没有条件的 UPDATE 或 DELETE 会改动整张表，多半是漏写了条件，也会长时间占用锁。",
        en="Without a condition UPDATE and DELETE change the whole table, which is mostly a condition forgotten, and holds locks for long.",
    ),
    fails=(
        Example("UPDATE orders SET total = 1"),
        Example("DELETE FROM orders"),
    ),
    passes=(
        Example("UPDATE orders SET total = 1 WHERE id = 1"),
        Example("DELETE FROM orders WHERE id = 1"),
    ),
)
