"""REPLACE_INTO: a conflicting row is deleted, and a new one inserted."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import MYSQL, SQLITE, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "REPLACE":
        return

    yield Note("REPLACE_INTO", query.at, query.targets[0].name if query.targets else "")


RULE = Rule(
    id="CHG025",
    code="REPLACE_INTO",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL, SQLITE}),
    structures=(Query,),
    verbs=frozenset({"REPLACE"}),
    title=Text(
        zh="REPLACE INTO",
        en="REPLACE INTO",
    ),
    message=Text(
        zh="REPLACE 会先删除 {detail} 中冲突的行再插入，未写出的列会丢失原值，请改用更新或按冲突更新。",
        en=(
            "REPLACE deletes the conflicting row of {detail} and inserts a new one; columns that aren't "
            "named lose their values. Update on conflict instead."
        ),
    ),
    why=Text(
        zh="删除会触发级联和触发器，自增值会变化，没有写出的列变成默认值。",
        en=(
            "The deletion fires cascades and triggers, keys change, and columns that aren't named get "
            "their defaults."
        ),
    ),
    fails=(
        Example("REPLACE INTO t (a) VALUES (1)"),
        Example("INSERT OR REPLACE INTO t (a) VALUES (1)", families=("sqlite",)),
    ),
    passes=(
        Example("INSERT INTO t (a) VALUES (1)"),
        Example("SELECT REPLACE(a, 1, 2) FROM t"),
    ),
)
