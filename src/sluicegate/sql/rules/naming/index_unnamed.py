"""INDEX_UNNAMED: indexes whose name the server chooses."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.structure.definitions import IndexKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for index in indexes(subject):
        if not index.name and index.kind is not IndexKind.PRIMARY:
            yield Note(
                "INDEX_UNNAMED", index.at, ", ".join(part.column or part.expression for part in index.parts)
            )


RULE = Rule(
    id="NAM019",
    code="INDEX_UNNAMED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=INDEXES_IN,
    enabled=False,
    title=Text(zh="索引未命名", en="Index without a name"),
    message=Text(
        zh="({detail}) 上的索引没有名称，由数据库自动生成。请写明名称，以便日后删除或修改。",
        en="The index on ({detail}) has no name, so the server chooses one. Give it a name, so that it can be dropped later on.",
    ),
    why=Text(
        zh="自动生成的名称在各环境可能不同，之后的 DROP INDEX 脚本就无法通用。",
        en="The server's choice may differ from place to place, so that one script to drop it doesn't fit all of them.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT, KEY (a))", families=("mysql",)),
        Example("CREATE TABLE t (a INT UNIQUE)"),
        Example("CREATE INDEX ON t (a)", families=("postgresql",)),
        Example("ALTER TABLE t ADD UNIQUE (a)"),
    ),
    passes=(
        Example("CREATE TABLE t (a INT PRIMARY KEY)"),
        Example("CREATE INDEX i ON t (a)"),
    ),
)
