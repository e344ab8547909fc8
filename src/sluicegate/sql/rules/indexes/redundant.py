"""INDEX_REDUNDANT: an index that is the beginning of another."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import after, label
from sluicegate.sql.structure.definitions import Index, IndexKind


def _begins(one: Index, other: Index) -> bool:
    """Whether every look-up by the first index is one by the second, too."""
    if one.kind not in (IndexKind.PLAIN, IndexKind.UNIQUE) or other.kind is IndexKind.FULLTEXT:
        return False
    if one.where or other.where or one.include or one.method != other.method or not one.parts:
        return False
    length = len(one.parts)
    return one.parts == other.parts[:length] and (
        not one.unique or (other.unique and len(other.parts) == length)
    )


def _superfluous(indexes_: tuple[Index, ...]) -> Iterator[tuple[Index, Index]]:
    for place, one in enumerate(indexes_):
        for further, other in enumerate(indexes_):
            if place != further and _begins(one, other) and not (place < further and _begins(other, one)):
                yield one, other
                break


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    if table is None or len(table.indexes) > 100:
        return
    new = list(indexes(subject))
    for one, other in _superfluous(table.indexes):
        if one in new or other in new:
            yield Note(
                "INDEX_REDUNDANT", one.at if one in new else -1, label(one), params={"other": label(other)}
            )


RULE = Rule(
    id="IDX001",
    code="INDEX_REDUNDANT",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    title=Text(zh="冗余索引", en="Redundant index"),
    message=Text(
        zh="索引 {detail} 是索引 {other} 的左前缀，已被其覆盖。请去掉多余的一个。",
        en="Index {detail} is the beginning of index {other}, which does its work too. Drop the superfluous one.",
    ),
    why=Text(
        zh="每个索引都让写入变慢并占用空间，重复的索引没有任何收益。",
        en="Every index costs time on each write and takes space; one that another covers gives nothing back.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT, b INT, UNIQUE (a, b), UNIQUE (a, b))"),
        Example("CREATE TABLE t (a INT, b INT, KEY x (a), KEY y (a, b))", families=("mysql",)),
        Example("CREATE INDEX i ON t (a)", setup="CREATE TABLE t (a INT, b INT); CREATE INDEX j ON t (a, b)"),
        Example("CREATE INDEX i ON t (a, b)", setup="CREATE TABLE t (a INT, b INT); CREATE INDEX j ON t (a)"),
    ),
    passes=(
        Example("CREATE TABLE t (a INT, b INT, UNIQUE (a), UNIQUE (a, b))"),
        Example("CREATE INDEX i ON t (b)", setup="CREATE TABLE t (a INT, b INT); CREATE INDEX j ON t (a, b)"),
        Example("CREATE INDEX i ON t (a)"),
        Example("CREATE TABLE t (a TEXT, KEY x (a(5)), KEY y (a(9)))", families=("mysql",)),
    ),
)
