"""INDEX_LEADING_BOOLEAN: an index that begins with true or false."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import after
from sluicegate.sql.rules.types import is_boolean


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    for index in indexes(subject):
        first = table.column(index.columns[0]) if table is not None and index.parts else None
        if first is not None and first.type is not None and is_boolean(first.type) and not index.where:
            yield Note("INDEX_LEADING_BOOLEAN", index.at, first.name)


RULE = Rule(
    id="IDX009",
    code="INDEX_LEADING_BOOLEAN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    enabled=False,
    title=Text(zh="索引首列区分度低", en="Index that begins with a boolean"),
    message=Text(
        zh="索引以布尔列 {detail} 开头，几乎不能缩小范围。请把区分度高的列放在前面，或改用部分索引。",
        en="The index begins with the boolean {detail}, which hardly narrows anything down. Put another column first, or use a partial index.",
    ),
    why=Text(
        zh="两个取值各占一大半的列，走索引往往比全表扫描还慢。",
        en="With two values an index is often slower than reading the whole table.",
    ),
    fails=(
        Example("CREATE TABLE t (a BOOLEAN, b INT, UNIQUE (a, b))"),
        Example("CREATE INDEX i ON t (a)", setup="CREATE TABLE t (a BOOLEAN)"),
    ),
    passes=(
        Example("CREATE TABLE t (a BOOLEAN, b INT, UNIQUE (b, a))"),
        Example("CREATE INDEX i ON t (a)"),
    ),
)
