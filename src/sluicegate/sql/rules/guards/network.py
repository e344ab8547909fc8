"""NETWORK: makes the server connect elsewhere.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="SEC013",
    code="NETWORK",
    severity=Severity.BLOCK,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="连接其他机器", en="Connecting to another machine"),
    message=Text(
        zh="{detail} 会让数据库连接别的机器，不允许执行。",
        en="{detail} makes the database connect to another machine and is not allowed.",
    ),
    why=Text(
        zh="让数据库访问别的机器，可以把数据带出去，也可以越过防火墙。",
        en="A database that connects elsewhere can carry data out and get round the firewall.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT) ENGINE=FEDERATED CONNECTION='mysql://h/d/t'", families=("mysql",)),
        Example(
            "CREATE SUBSCRIPTION s CONNECTION 'host=other.example dbname=x' PUBLICATION p",
            families=("postgresql",),
        ),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
