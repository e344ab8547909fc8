"""UNIQUE_PREFIX: how names of unique indexes begin."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.structure.definitions import IndexKind


def check(subject: Subject, options: Options) -> Iterator[Note]:
    prefixes = options.words("prefixes")
    for found in (index for index in indexes(subject) if index.kind is IndexKind.UNIQUE):
        if found.name and not found.name.lower().startswith(prefixes):
            yield Note("UNIQUE_PREFIX", found.at, found.name)


RULE = Rule(
    id="NAM014",
    code="UNIQUE_PREFIX",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=INDEXES_IN,
    enabled=False,
    parameters=(
        Parameter(
            "prefixes",
            (
                "uk_",
                "uniq_",
            ),
            Text(zh="允许的前缀", en="Prefixes that are allowed"),
        ),
    ),
    title=Text(zh="唯一索引名前缀", en="Prefix of unique indexes"),
    message=Text(
        zh="唯一索引名 {detail} 没有规定的前缀（{prefixes}）。请按规定命名。",
        en="The name {detail} doesn't begin as agreed for unique indexes ({prefixes}). Name it so.",
    ),
    why=Text(
        zh="统一的前缀让人在执行计划和报错信息中一眼认出对象的种类。",
        en="With agreed prefixes one sees in plans and error messages at once what a name stands for.",
    ),
    fails=(
        Example("CREATE UNIQUE INDEX a ON t (a)"),
        Example(
            "CREATE TABLE t (a INT, CONSTRAINT by_a UNIQUE (a))",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
        Example(
            "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
    ),
    passes=(
        Example("CREATE UNIQUE INDEX uk_a ON t (a)"),
        Example("CREATE UNIQUE INDEX UNIQ_a ON t (a)"),
        Example("CREATE INDEX a ON t (a)"),
        Example("CREATE TABLE t (a INT UNIQUE)"),
    ),
)
