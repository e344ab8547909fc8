"""FOREIGN_KEY_NOT_INDEXED: columns of a foreign key need an index of their own: PostgreSQL and SQLite make none."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, SQLITE, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, foreign_keys
from sluicegate.sql.rules.outcome import after


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    if table is None:
        return
    for key in foreign_keys(subject):
        wanted = [column.casefold() for column in key.columns]
        indexed = any(
            sorted(column.casefold() for column in index.columns[: len(wanted)]) == sorted(wanted)
            and not index.where
            for index in table.indexes
        )
        if wanted and not indexed:
            yield Note(
                "FOREIGN_KEY_NOT_INDEXED",
                key.at,
                ", ".join(key.columns),
                params={"table": key.references.name},
            )


RULE = Rule(
    id="TAB022",
    code="FOREIGN_KEY_NOT_INDEXED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL, SQLITE}),
    structures=COLUMNS_IN,
    title=Text(zh="外键列没有索引", en="Foreign key without an index"),
    message=Text(
        zh="外键列 {detail} 上没有索引，删除或修改 {table} 的行时要扫描本表。请为其建索引。",
        en="There is no index on {detail}: whoever deletes or changes a row of {table} has to scan this table. Make one.",
    ),
    why=Text(
        zh="MySQL 会自动为外键建索引，PostgreSQL 和 SQLite 不会；缺少索引时父表的每次删除都是全表扫描并长时间持锁。",
        en="MySQL makes such an index by itself, PostgreSQL and SQLite don't; without it each delete of a parent scans the child and holds its locks meanwhile.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT PRIMARY KEY, a INT REFERENCES o (a))"),
        Example(
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES o (a)",
            families=("postgresql",),
            setup="CREATE TABLE t (a INT)",
        ),
    ),
    passes=(
        Example("CREATE TABLE t (a INT PRIMARY KEY REFERENCES o (a))"),
        Example("CREATE TABLE t (a INT, b INT, UNIQUE (a, b), FOREIGN KEY (a) REFERENCES o (a))"),
        Example("ALTER TABLE t ADD COLUMN b INT REFERENCES o (a)"),
    ),
)
