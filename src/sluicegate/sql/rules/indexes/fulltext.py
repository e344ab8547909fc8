"""INDEX_FULLTEXT: full-text indexes that a team doesn't want."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import label
from sluicegate.sql.structure.definitions import IndexKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for index in indexes(subject):
        if index.kind is IndexKind.FULLTEXT:
            yield Note("INDEX_FULLTEXT", index.at, label(index))


RULE = Rule(
    id="IDX018",
    code="INDEX_FULLTEXT",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=INDEXES_IN,
    enabled=False,
    title=Text(zh="使用全文索引", en="Full-text index"),
    message=Text(
        zh="定义了全文索引 {detail}，本策略不允许。请使用搜索引擎。",
        en="Defines the full-text index {detail}, which this policy doesn't allow. Use a search engine.",
    ),
    why=Text(
        zh="全文索引占用大、写入慢，中文分词效果有限，首个全文索引还会重建整张表。",
        en="They are large, slow to write and weak for Chinese, and the first one rebuilds the table.",
    ),
    fails=(
        Example("CREATE FULLTEXT INDEX i ON t (a)"),
        Example("CREATE TABLE t (a TEXT, FULLTEXT (a))"),
    ),
    passes=(Example("CREATE INDEX i ON t (a)"),),
)
