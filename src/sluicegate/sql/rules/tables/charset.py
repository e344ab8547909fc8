"""TABLE_CHARSET: the character set of tables.

Carries over CloudDM's table_007 (``require``: CREATE TABLE must say it).
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.agreed import table_options
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN


def check(subject: Subject, options: Options) -> Iterator[Note]:
    return table_options(subject, options, "TABLE_CHARSET", "CHARSET", "character_set")


RULE = Rule(
    id="TAB005",
    code="TABLE_CHARSET",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter(
            "require",
            True,
            Text(zh="建表时是否必须写明字符集", en="Whether CREATE TABLE must say the character set"),
        ),
        Parameter("character_set", "utf8mb4", Text(zh="字符集", en="The character set")),
    ),
    title=Text(zh="表的字符集", en="Character set of tables"),
    message=Text(
        zh="表的字符集为 {detail}，规定为 {character_set}。请在语句中写明规定的值。",
        en="The table's character set is {detail} instead of {character_set} as agreed. Say it in the statement.",
    ),
    why=Text(
        zh="不写明时取决于服务器配置，各环境可能不同；字符集不一致的表之间关联查询会转换数据而用不上索引。",
        en="Unsaid, it depends on the server's settings and differs from place to place; joins between tables that differ convert values and use no index.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT)"),
        Example("CREATE TABLE t (id INT) DEFAULT CHARSET=latin1"),
        Example("ALTER TABLE t CHARACTER SET gbk"),
    ),
    passes=(
        Example("CREATE TABLE t (id INT) DEFAULT CHARSET=utf8mb4"),
        Example("CREATE TABLE t (id INT)", options={"require": False}),
        Example("ALTER TABLE t ADD a INT"),
    ),
)
