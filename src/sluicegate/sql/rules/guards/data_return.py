"""DATA_RETURN: a change that returns rows.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, SQLITE, Example, Rule, Text

RULE = Rule(
    id="DML003",
    code="DATA_RETURN",
    severity=Severity.WARNING,
    families=frozenset({POSTGRESQL, SQLITE}),
    title=Text(zh="变更语句返回数据", en="A change that returns rows"),
    message=Text(
        zh="{detail} 会返回数据；返回的内容不会保存，也不会显示。",
        en="{detail} returns data; it is neither kept nor shown.",
    ),
    why=Text(
        zh="执行结果不会保存，也不会显示；需要查看数据时请使用查询工具。",
        en="What it returns is neither kept nor shown; to look at data, use a tool for queries.",
    ),
    fails=(Example("UPDATE orders SET total = 1 WHERE id = 1 RETURNING id"),),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
