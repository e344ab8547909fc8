"""DESTRUCTIVE: data or definitions disappear.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Rule, Text

RULE = Rule(
    id="DDL001",
    code="DESTRUCTIVE",
    severity=Severity.ERROR,
    families=STRUCTURED,
    title=Text(zh="删除数据或定义", en="Removing data or definitions"),
    message=Text(
        zh="{detail} 会删除数据或定义，无法自动恢复。请确认已有备份。",
        en="{detail} removes data or definitions and can't be undone automatically. Make sure there is a backup.",
    ),
    why=Text(
        zh="这类语句一旦执行就无法自动恢复：撤销只能重建结构，数据要从备份中找回。",
        en="Once it has run there is no automatic way back: undo can make the structure again, but the data only comes from a backup.",
    ),
    fails=(
        Example("DROP TABLE orders"),
        Example(
            "ALTER TABLE orders DROP COLUMN note",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
        Example(
            "TRUNCATE TABLE orders",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
    ),
    passes=(
        Example("UPDATE orders SET total = 1 WHERE id = 1"),
        Example("ALTER TABLE orders ADD COLUMN note INT"),
    ),
)
