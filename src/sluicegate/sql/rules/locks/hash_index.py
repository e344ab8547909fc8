"""HASH_INDEX: hash indexes can do little that btree can't."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import indexes
from sluicegate.sql.structure.definitions import AlterTable, CreateIndex, CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    version = subject.context.server_version
    for index in indexes(subject):
        if index.method == "hash":
            unsafe = version is not None and version < (10,)
            yield Note(
                "HASH_INDEX",
                index.at,
                index.name or ", ".join(index.columns),
                Severity.WARNING if unsafe else None,
            )


RULE = Rule(
    id="PGL047",
    code="HASH_INDEX",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateIndex,
        CreateTable,
    ),
    title=Text(zh="hash 索引", en="Hash index"),
    message=Text(
        zh="索引 {detail} 是 hash 索引，只支持等值查询，不能唯一、不能多列；10 版之前崩溃后还会损坏。请用 btree。",
        en="Index {detail} is a hash index: equality only, neither unique nor over several columns, and before version 10 broken by a crash. Use btree.",
    ),
    why=Text(
        zh="除了很长的值，btree 几乎总是同样快。",
        en="Except for very long values btree is nearly always as fast.",
    ),
    fails=(Example("CREATE INDEX i ON t USING hash (a)"),),
    passes=(
        Example("CREATE INDEX i ON t (a)"),
        Example("CREATE INDEX i ON t USING gin (c)"),
    ),
)
