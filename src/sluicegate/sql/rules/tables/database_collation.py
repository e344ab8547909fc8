"""DATABASE_COLLATION: the collation of databases.

Carries over CloudDM's schema_002 (``require``: CREATE DATABASE must say it).
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateDatabase


def check(subject: Subject, options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, CreateDatabase):
        return
    said = structure.collation
    missing = not said and not structure.alters and options.flag("require")
    if missing or (said and said.lower() != options.word("collate").lower()):
        yield Note("DATABASE_COLLATION", structure.at, said or "-")


RULE = Rule(
    id="TAB027",
    code="DATABASE_COLLATION",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(CreateDatabase,),
    enabled=False,
    parameters=(
        Parameter(
            "require",
            True,
            Text(zh="建库时是否必须写明排序规则", en="Whether CREATE DATABASE must say the collation"),
        ),
        Parameter("collate", "utf8mb4_unicode_ci", Text(zh="排序规则", en="The collation")),
    ),
    title=Text(zh="库的排序规则", en="Collation of databases"),
    message=Text(
        zh="库的排序规则为 {detail}，规定为 {collate}。请在语句中写明规定的值。",
        en="The database's collation is {detail} instead of {collate} as agreed. Say it in the statement.",
    ),
    why=Text(
        zh="库的默认值决定之后新建的表；不写明时取决于服务器配置，各环境可能不同。",
        en="Tables made later take it over; unsaid, it depends on the server's settings and differs from place to place.",
    ),
    fails=(
        Example("CREATE DATABASE d"),
        Example("CREATE DATABASE d COLLATE utf8mb4_bin"),
    ),
    passes=(
        Example("CREATE DATABASE d COLLATE utf8mb4_unicode_ci"),
        Example("ALTER DATABASE d CHARSET utf8mb4"),
    ),
)
