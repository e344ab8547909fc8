"""TABLE_INHERITANCE: keys don't reach over tables that inherit."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, SetOption


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateTable) and structure.table.inherits:
        yield Note("TABLE_INHERITANCE", structure.at, structure.table.ref.name)
    for action in actions(subject):
        if isinstance(action, SetOption) and action.name == "INHERIT":
            yield Note("TABLE_INHERITANCE", action.at, action.value)


RULE = Rule(
    id="PGL045",
    code="TABLE_INHERITANCE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    title=Text(zh="表继承", en="Table inheritance"),
    message=Text(
        zh="{detail} 使用了表继承：主键、唯一约束和外键不会跨越父子表。请改用声明式分区，或外键关联。",
        en="{detail} uses inheritance: primary keys, unique constraints and foreign keys don't reach over parent and children. Use declarative partitioning, or a foreign key.",
    ),
    why=Text(
        zh="PostgreSQL 手册列明了这些限制；分区自 10 版起取代了它的主要用途。",
        en="PostgreSQL's manual names these limits; since version 10 partitioning serves its main purpose.",
    ),
    fails=(
        Example("CREATE TABLE x (a int) INHERITS (t)"),
        Example("ALTER TABLE x INHERIT t"),
    ),
    passes=(
        Example("CREATE TABLE x PARTITION OF t FOR VALUES FROM (1) TO (2)"),
        Example("CREATE TABLE x (a int)"),
    ),
)
