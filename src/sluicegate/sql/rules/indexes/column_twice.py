"""INDEX_COLUMN_TWICE: one column twice in an index."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for index in indexes(subject):
        named = [part.column.casefold() for part in index.parts if part.column]
        twice = sorted({name for name in named if named.count(name) > 1}) if len(named) < 100 else []
        if twice:
            yield Note("INDEX_COLUMN_TWICE", index.at, ", ".join(twice))


RULE = Rule(
    id="IDX008",
    code="INDEX_COLUMN_TWICE",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    title=Text(zh="索引中列重复", en="Column twice in an index"),
    message=Text(
        zh="同一个索引里重复出现了列 {detail}：MySQL 会报错，其他数据库则白占空间。请去掉一个。",
        en="Column {detail} stands twice in one index: MySQL refuses it, elsewhere it only takes space. Remove one.",
    ),
    why=Text(zh="通常是笔误，本来想写的是另一列。", en="Mostly a slip, and another column was meant."),
    fails=(
        Example("CREATE INDEX i ON t (a, a)"),
        Example(
            "CREATE TABLE t (a INT, b INT, UNIQUE (a, b, a))",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
    ),
    passes=(Example("CREATE INDEX i ON t (a, b)"),),
)
