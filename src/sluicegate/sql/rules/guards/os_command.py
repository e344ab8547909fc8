"""OS_COMMAND: runs programs or loads native code.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Rule, Text

RULE = Rule(
    id="SEC012",
    code="OS_COMMAND",
    severity=Severity.BLOCK,
    families=STRUCTURED,
    title=Text(zh="运行外部程序", en="Running programs"),
    message=Text(
        zh="{detail} 会运行程序或加载本地代码，不允许执行。",
        en="{detail} runs programs or loads native code and is not allowed.",
    ),
    why=Text(
        zh="通过数据库运行程序或加载本地代码，等于取得了服务器的控制权。",
        en="Who runs programs or loads native code through the database controls its machine.",
    ),
    fails=(
        Example("CREATE FUNCTION f RETURNS INTEGER SONAME 'x.so'", families=("mysql",)),
        Example("CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x', 'y'", families=("postgresql",)),
        Example("SELECT load_extension('x')", families=("sqlite",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
