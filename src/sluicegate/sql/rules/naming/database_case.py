"""DATABASE_NAME_CASE: databases in one case.

Carries over CloudDM's catalog_003 and schema_003.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.names import CASE, DATABASE, NAMED_IN, has_case, names


def check(subject: Subject, options: Options) -> Iterator[Note]:
    case = options.word("case")
    for named in names(subject, DATABASE):
        if not has_case(named.name, case):
            yield Note("DATABASE_NAME_CASE", named.at, named.name)


RULE = Rule(
    id="NAM001",
    code="DATABASE_NAME_CASE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=NAMED_IN,
    enabled=False,
    parameters=(CASE,),
    title=Text(zh="库名大小写", en="Case of database names"),
    message=Text(
        zh="库名 {detail} 不符合大小写规定（{case}）。请统一大小写后重新提交。",
        en="The database name {detail} isn't in {case} case as agreed. Write it so.",
    ),
    why=Text(
        zh="名称大小写混用时，同一条 SQL 在区分大小写的系统（如 Linux 上的 MySQL）上会找不到对象，PostgreSQL 中还必须处处加引号。",
        en="With mixed case the same SQL fails where names are case-sensitive (MySQL on Linux), and in PostgreSQL every use needs quotes.",
    ),
    fails=(
        Example("CREATE DATABASE Shop", families=("mysql",)),
        Example('CREATE SCHEMA "Shop"', families=("postgresql",)),
        Example("CREATE DATABASE shop", families=("mysql",), options={"case": "upper"}),
    ),
    passes=(
        Example("CREATE DATABASE shop", families=("mysql",)),
        Example("CREATE SCHEMA shop", families=("postgresql",)),
        Example("CREATE TABLE Orders (id INT)"),
    ),
)
