"""CLIENT_COMMAND: a command for the database's own client, which Sluicegate never runs.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Rule, Text

RULE = Rule(
    id="LEX006",
    code="CLIENT_COMMAND",
    severity=Severity.BLOCK,
    families=STRUCTURED,
    title=Text(zh="数据库客户端的命令", en="A command of the database's own client"),
    message=Text(
        zh="{detail} 是数据库命令行客户端的命令，这里不能执行。请删除它。",
        en="{detail} is a command of the database's own client and can't be executed here. Remove it.",
    ),
    why=Text(
        zh="这类命令只有 mysql、psql、sqlite3 等客户端才懂：有的会运行外部程序，有的会切换数据库。本系统从不调用这些客户端。",
        en="Only mysql, psql, sqlite3 and their like know such commands; some run programs, some switch the database. Sluicegate never calls those clients.",
    ),
    fails=(
        Example("source other.sql", families=("mysql",)),
        Example(r"\! ls", families=("postgresql",)),
        Example(".read other.sql", families=("sqlite",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
