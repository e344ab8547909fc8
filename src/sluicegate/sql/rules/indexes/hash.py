"""INDEX_HASH_IGNORED: InnoDB makes a B-tree of USING HASH."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import label


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for index in indexes(subject):
        if index.method == "hash":
            yield Note("INDEX_HASH_IGNORED", index.at, label(index))


RULE = Rule(
    id="IDX017",
    code="INDEX_HASH_IGNORED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=INDEXES_IN,
    title=Text(zh="USING HASH 不生效", en="USING HASH has no effect"),
    message=Text(
        zh="索引 {detail} 写了 USING HASH，InnoDB 会忽略并建成 B 树。请去掉，以免误解。",
        en="Index {detail} says USING HASH, which InnoDB ignores: it makes a B-tree. Leave it out.",
    ),
    why=Text(zh="只有 MEMORY 等引擎支持哈希索引。", en="Only engines like MEMORY have hash indexes."),
    fails=(
        Example("CREATE INDEX i USING HASH ON t (a)"),
        Example("CREATE TABLE t (a INT, KEY i (a) USING HASH)"),
    ),
    passes=(Example("CREATE INDEX i USING BTREE ON t (a)"),),
)
