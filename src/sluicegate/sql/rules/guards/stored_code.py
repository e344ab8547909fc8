"""STORED_CODE: runs or defines code that lives in the database.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Rule, Text

RULE = Rule(
    id="SEC019",
    code="STORED_CODE",
    severity=Severity.WARNING,
    families=STRUCTURED,
    title=Text(zh="存储在数据库中的代码", en="Code stored in the database"),
    message=Text(
        zh="{detail} 会定义或运行存储在数据库中的代码。请核对其内容。",
        en="{detail} defines or runs code that is stored in the database. Check what it does.",
    ),
    why=Text(
        zh="触发器、存储过程和事件会在审批之后继续运行，请像审阅程序一样审阅它们的内容。",
        en="Triggers, procedures and events go on running after the approval; read what they do as you would read a program.",
    ),
    fails=(
        Example(
            "CREATE TRIGGER g AFTER INSERT ON a FOR EACH ROW DELETE FROM b WHERE x = 1", families=("mysql",)
        ),
        Example(
            "CREATE TRIGGER g AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()", families=("postgresql",)
        ),
        Example(
            "CREATE TRIGGER g AFTER INSERT ON a BEGIN DELETE FROM b WHERE x = 1; END", families=("sqlite",)
        ),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
