"""DATABASE_CHARSET: the character set of databases.

Carries over CloudDM's schema_001 (``require``: CREATE DATABASE must say it).
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
    said = structure.charset
    missing = not said and not structure.alters and options.flag("require")
    if missing or (said and said.lower() != options.word("character_set").lower()):
        yield Note("DATABASE_CHARSET", structure.at, said or "-")


RULE = Rule(
    id="TAB026",
    code="DATABASE_CHARSET",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(CreateDatabase,),
    enabled=False,
    parameters=(
        Parameter(
            "require",
            True,
            Text(zh="建库时是否必须写明字符集", en="Whether CREATE DATABASE must say the character set"),
        ),
        Parameter("character_set", "utf8mb4", Text(zh="字符集", en="The character set")),
    ),
    title=Text(zh="库的字符集", en="Character set of databases"),
    message=Text(
        zh="库的字符集为 {detail}，规定为 {character_set}。请在语句中写明规定的值。",
        en="The database's character set is {detail} instead of {character_set} as agreed. Say it in the statement.",
    ),
    why=Text(
        zh="库的默认值决定之后新建的表；不写明时取决于服务器配置，各环境可能不同。",
        en="Tables made later take it over; unsaid, it depends on the server's settings and differs from place to place.",
    ),
    fails=(
        Example("CREATE DATABASE d"),
        Example("CREATE DATABASE d CHARACTER SET latin1"),
        Example("ALTER DATABASE d CHARSET gbk"),
    ),
    passes=(
        Example("CREATE DATABASE d DEFAULT CHARACTER SET utf8mb4"),
        Example("CREATE DATABASE d", options={"require": False}),
    ),
)
