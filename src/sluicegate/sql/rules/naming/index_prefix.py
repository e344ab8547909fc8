"""INDEX_PREFIX: how names of plain indexes begin."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.structure.definitions import IndexKind


def check(subject: Subject, options: Options) -> Iterator[Note]:
    prefixes = options.words("prefixes")
    for found in (index for index in indexes(subject) if index.kind is IndexKind.PLAIN):
        if found.name and not found.name.lower().startswith(prefixes):
            yield Note("INDEX_PREFIX", found.at, found.name)


RULE = Rule(
    id="NAM013",
    code="INDEX_PREFIX",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    enabled=False,
    parameters=(Parameter("prefixes", ("idx_",), Text(zh="允许的前缀", en="Prefixes that are allowed")),),
    title=Text(zh="普通索引名前缀", en="Prefix of plain indexes"),
    message=Text(
        zh="普通索引名 {detail} 没有规定的前缀（{prefixes}）。请按规定命名。",
        en="The name {detail} doesn't begin as agreed for plain indexes ({prefixes}). Name it so.",
    ),
    why=Text(
        zh="统一的前缀让人在执行计划和报错信息中一眼认出对象的种类。",
        en="With agreed prefixes one sees in plans and error messages at once what a name stands for.",
    ),
    fails=(
        Example("CREATE INDEX a ON t (a)"),
        Example("CREATE TABLE t (a INT, KEY by_a (a))", families=("mysql",)),
        Example("ALTER TABLE t ADD INDEX i (a)", families=("mysql",)),
    ),
    passes=(
        Example("CREATE INDEX idx_a ON t (a)"),
        Example("CREATE UNIQUE INDEX a ON t (a)"),
        Example("CREATE TABLE t (a INT, KEY (a))", families=("mysql",)),
        Example("CREATE INDEX ix_a ON t (a)", options={"prefixes": ("ix_", "idx_")}),
    ),
)
