"""TABLE_COLLATION: the collation of tables.

Carries over CloudDM's table_008 (``require``: CREATE TABLE must say it).
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.agreed import table_options
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN


def check(subject: Subject, options: Options) -> Iterator[Note]:
    return table_options(subject, options, "TABLE_COLLATION", "COLLATE", "collate")


RULE = Rule(
    id="TAB006",
    code="TABLE_COLLATION",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter(
            "require",
            True,
            Text(zh="建表时是否必须写明排序规则", en="Whether CREATE TABLE must say the collation"),
        ),
        Parameter("collate", "utf8mb4_unicode_ci", Text(zh="排序规则", en="The collation")),
    ),
    title=Text(zh="表的排序规则", en="Collation of tables"),
    message=Text(
        zh="表的排序规则为 {detail}，规定为 {collate}。请在语句中写明规定的值。",
        en="The table's collation is {detail} instead of {collate} as agreed. Say it in the statement.",
    ),
    why=Text(
        zh="不写明时取决于服务器配置，各环境可能不同；排序规则不一致的表之间关联查询会转换数据而用不上索引。",
        en="Unsaid, it depends on the server's settings and differs from place to place; joins between tables that differ convert values and use no index.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT)"),
        Example("CREATE TABLE t (id INT) COLLATE=utf8mb4_bin"),
        Example("ALTER TABLE t COLLATE latin1_bin"),
    ),
    passes=(
        Example("CREATE TABLE t (id INT) COLLATE=utf8mb4_unicode_ci"),
        Example("CREATE TABLE t (id INT)", options={"require": False}),
    ),
)
