"""UNIQUE_NULLABLE: NULLs are never equal, so that a unique index lets them all in."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import after
from sluicegate.sql.structure.definitions import IndexKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    for index in indexes(subject):
        if table is None or index.kind is not IndexKind.UNIQUE:
            continue
        for name in index.columns:
            column = table.column(name) if name else None
            if column is not None and column.nullable is not False:
                yield Note("UNIQUE_NULLABLE", index.at, column.name)


RULE = Rule(
    id="IDX015",
    code="UNIQUE_NULLABLE",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    enabled=False,
    title=Text(zh="唯一索引的列可为空", en="NULLable column in a unique index"),
    message=Text(
        zh="唯一索引中的列 {detail} 允许为空，空值之间不算重复，唯一性会落空。请把它设为 NOT NULL。",
        en="Column {detail} of a unique index takes NULLs, which never equal each other: duplicates get in. Make it NOT NULL.",
    ),
    why=Text(
        zh="只要有一列为空，同样的组合就可以插入任意多次。",
        en="As soon as one column is NULL, the same combination can be inserted any number of times.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT, UNIQUE (a))"),
        Example("CREATE UNIQUE INDEX i ON t (a)", setup="CREATE TABLE t (a INT)"),
    ),
    passes=(
        Example("CREATE TABLE t (a INT NOT NULL, UNIQUE (a))"),
        Example("CREATE UNIQUE INDEX i ON t (a)"),
    ),
)
