"""TRUNCATE_CASCADE: tables that nobody named are emptied too."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import Truncate


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, Truncate) and structure.cascade:
        yield Note("TRUNCATE_CASCADE", structure.at, ", ".join(ref.name for ref in structure.tables))


RULE = Rule(
    id="PGL028",
    code="TRUNCATE_CASCADE",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(Truncate,),
    title=Text(zh="TRUNCATE 级联清空", en="TRUNCATE that reaches other tables"),
    message=Text(
        zh="TRUNCATE {detail} CASCADE 会一并清空所有通过外键引用它们的表。请逐一写出要清空的表。",
        en="TRUNCATE {detail} CASCADE also empties every table that refers to them by foreign keys. Name the tables that are meant.",
    ),
    why=Text(
        zh="外键的 ON DELETE 规则不起作用：引用表的所有行都会消失。",
        en="The foreign keys' ON DELETE plays no part: all rows of the referring tables go.",
    ),
    fails=(Example("TRUNCATE t CASCADE"),),
    passes=(Example("TRUNCATE t"),),
)
