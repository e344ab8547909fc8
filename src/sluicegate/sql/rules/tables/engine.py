"""TABLE_ENGINE: the storage engine of tables.

Carries over CloudDM's table_009 (``require``: CREATE TABLE must say it).
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.agreed import table_options
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN


def check(subject: Subject, options: Options) -> Iterator[Note]:
    return table_options(subject, options, "TABLE_ENGINE", "ENGINE", "engine")


RULE = Rule(
    id="TAB007",
    code="TABLE_ENGINE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter(
            "require",
            True,
            Text(zh="建表时是否必须写明存储引擎", en="Whether CREATE TABLE must say the storage engine"),
        ),
        Parameter("engine", "InnoDB", Text(zh="存储引擎", en="The storage engine")),
    ),
    title=Text(zh="表的存储引擎", en="Storage engine of tables"),
    message=Text(
        zh="表的存储引擎为 {detail}，规定为 {engine}。请在语句中写明规定的值。",
        en="The table's storage engine is {detail} instead of {engine} as agreed. Say it in the statement.",
    ),
    why=Text(
        zh="不写明时取决于服务器配置，各环境可能不同；不是每种存储引擎都支持事务和崩溃恢复。",
        en="Unsaid, it depends on the server's settings and differs from place to place; not every engine has transactions and recovers from a crash.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT)"),
        Example("CREATE TABLE t (id INT) ENGINE=MyISAM"),
        Example("ALTER TABLE t ENGINE=Aria"),
    ),
    passes=(
        Example("CREATE TABLE t (id INT) ENGINE=innodb"),
        Example("CREATE TABLE t (id INT)", options={"require": False}),
    ),
)
