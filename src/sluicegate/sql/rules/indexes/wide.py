"""INDEX_COLUMNS_MANY: how many columns an index may have."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import label


def check(subject: Subject, options: Options) -> Iterator[Note]:
    for index in indexes(subject):
        if len(index.parts) > options.number("max"):
            yield Note("INDEX_COLUMNS_MANY", index.at, label(index), params={"actual": len(index.parts)})


RULE = Rule(
    id="IDX004",
    code="INDEX_COLUMNS_MANY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    enabled=False,
    parameters=(Parameter("max", 5, Text(zh="最多列数", en="Most columns"), minimum=1),),
    title=Text(zh="索引列过多", en="Too many columns in an index"),
    message=Text(
        zh="索引 {detail} 有 {actual} 列，超过规定的 {max} 列。请只保留真正用于筛选的列。",
        en="Index {detail} has {actual} columns, more than the {max} that are agreed. Keep those that queries filter by.",
    ),
    why=Text(
        zh="靠后的列很少起作用，却让索引变大、写入变慢。",
        en="Columns far behind seldom help, but they make the index larger and writes slower.",
    ),
    fails=(
        Example("CREATE INDEX i ON t (a, b, c, d, e, f)"),
        Example("CREATE TABLE t (a INT, b INT, c INT, UNIQUE (a, b, c))", options={"max": 2}),
    ),
    passes=(Example("CREATE INDEX i ON t (a, b)"),),
)
