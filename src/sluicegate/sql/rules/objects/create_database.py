"""DATABASE_CREATED: databases are made by whoever runs the servers."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateDatabase


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateDatabase) and not structure.alters:
        yield Note("DATABASE_CREATED", structure.at, structure.ref.name)


RULE = Rule(
    id="OBJ017",
    code="DATABASE_CREATED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(CreateDatabase,),
    enabled=False,
    title=Text(zh="创建库或模式", en="Creating a database or schema"),
    message=Text(
        zh="创建 {detail}：本策略规定库和模式由 DBA 统一创建，以便规划容量、备份和权限。请联系 DBA。",
        en="Creates {detail}: by this policy DBAs create databases and schemas, because of capacity, backups and rights. Ask one of them.",
    ),
    why=Text(
        zh="随手建的库往往没有备份和监控，几年后没有人知道它属于谁。",
        en="Databases made in passing have no backups and no monitoring, and after years nobody knows whose they are.",
    ),
    fails=(
        Example("CREATE DATABASE d", families=("mysql",)),
        Example("CREATE SCHEMA s", families=("postgresql",)),
    ),
    passes=(
        Example("CREATE TABLE t (a INT)"),
        Example("DROP VIEW v"),
    ),
)
