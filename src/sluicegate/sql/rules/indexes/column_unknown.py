"""INDEX_COLUMN_UNKNOWN: an index on a column that isn't there."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import after


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    if table is None or not table.columns:
        return
    for index in indexes(subject):
        for part in index.parts:
            if (
                part.column
                and table.column(part.column) is None
                and part.column.lower() not in ("rowid", "oid", "_rowid_")
            ):
                yield Note("INDEX_COLUMN_UNKNOWN", index.at, part.column, params={"table": table.ref.name})


RULE = Rule(
    id="IDX007",
    code="INDEX_COLUMN_UNKNOWN",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    title=Text(zh="索引的列不存在", en="Index on an unknown column"),
    message=Text(
        zh="表 {table} 没有列 {detail}，建索引的语句会失败。请检查列名。",
        en="Table {table} has no column {detail}, so that the index can't be made. Check the name.",
    ),
    why=Text(
        zh="通常是列名拼写错误，或加列的语句还没执行。",
        en="Mostly a slip, or the statement that adds the column is still to come.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT, UNIQUE (b))"),
        Example("CREATE INDEX i ON t (c)", setup="CREATE TABLE t (a INT)"),
    ),
    passes=(
        Example(
            "CREATE TABLE t (a INT, UNIQUE (A))",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example("CREATE TABLE t (a INT, UNIQUE (a))"),
        Example("CREATE INDEX i ON t (c)"),
        Example(
            "ALTER TABLE t ADD c INT, ADD INDEX (c)", families=("mysql",), setup="CREATE TABLE t (a INT)"
        ),
    ),
)
