"""INDEXES_MANY: how many indexes a table may have."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import after


def check(subject: Subject, options: Options) -> Iterator[Note]:
    table = after(subject)
    if table is None or not any(True for _ in indexes(subject)):
        return
    if len(table.indexes) > options.number("max"):
        yield Note("INDEXES_MANY", -1, table.ref.name, params={"actual": len(table.indexes)})


RULE = Rule(
    id="IDX003",
    code="INDEXES_MANY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    enabled=False,
    parameters=(Parameter("max", 8, Text(zh="最多索引数", en="Most indexes"), minimum=0),),
    title=Text(zh="索引过多", en="Too many indexes"),
    message=Text(
        zh="表 {detail} 会有 {actual} 个索引，超过规定的 {max} 个。请合并或去掉不用的索引。",
        en="Table {detail} would have {actual} indexes, more than the {max} that are agreed. Merge some or drop what isn't used.",
    ),
    why=Text(
        zh="每次写入都要维护所有索引，索引过多还会让优化器选错。",
        en="Each write maintains all of them, and the more there are, the likelier a bad plan.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE)", options={"max": 1}),
        Example(
            "CREATE INDEX i ON t (b)", setup="CREATE TABLE t (a INT PRIMARY KEY, b INT)", options={"max": 1}
        ),
    ),
    passes=(
        Example("CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE)"),
        Example("CREATE INDEX i ON t (b)", options={"max": 0}),
    ),
)
