"""FOREIGN_KEY_TARGET_NOT_UNIQUE: the columns that a foreign key refers to aren't a key."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, foreign_keys, table_of
from sluicegate.sql.rules.schema.certain import opaque, table
from sluicegate.sql.structure.definitions import ForeignKey, Index, Table


def _serves(subject: Subject, index: Index, wanted: tuple[str, ...]) -> bool:
    columns = tuple(column.casefold() for column in index.columns)
    if subject.family == MYSQL:  # InnoDB takes an index that begins with them, even a plain one
        return set(columns[: len(wanted)]) == set(wanted)
    return index.unique and not index.where and set(columns) == set(wanted)


def _keyless(subject: Subject, key: ForeignKey, target: Table) -> bool:
    if not key.referenced:
        return target.primary_key is None
    if any(target.column(name) is None for name in key.referenced):
        return False
    wanted = tuple(name.casefold() for name in key.referenced)
    return not any(_serves(subject, index, wanted) for index in target.indexes)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    own = table_of(subject)
    for key in foreign_keys(subject):
        if own is not None and key.references.name.casefold() == own.name.casefold():
            continue
        target = table(subject, key.references)
        if target is None or target.view or not _keyless(subject, key, target) or opaque(subject):
            continue
        severity = Severity.ERROR if subject.family == POSTGRESQL else Severity.WARNING
        columns = ", ".join(key.referenced)
        detail = f"{target.ref.name} ({columns})" if columns else target.ref.name
        yield Note("FOREIGN_KEY_TARGET_NOT_UNIQUE", key.at, detail, severity)


_SETUP = "CREATE TABLE p (id INT NOT NULL PRIMARY KEY, code INT UNIQUE, b INT); CREATE TABLE t (a INT)"
RULE = Rule(
    id="SCH008",
    code="FOREIGN_KEY_TARGET_NOT_UNIQUE",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    title=Text(zh="外键引用的列不是键", en="Foreign key to columns that are no key"),
    message=Text(
        zh="外键引用的 {detail} 没有主键或唯一约束。请引用主键，或先给这些列加唯一约束。",
        en="{detail}, which the foreign key refers to, has no primary key or unique constraint. Refer to the primary key, or "
        "make the columns unique first.",
    ),
    why=Text(
        zh="PostgreSQL 会拒绝；MySQL 要求被引用的列有索引；SQLite 能建成，但之后写入会失败。",
        en="PostgreSQL refuses it, MySQL wants an index on the columns, SQLite takes it and then fails to write.",
    ),
    fails=(
        Example("CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (b))", setup=_SETUP),
        Example(
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (b)",
            families=("mysql", "postgresql"),
            setup=_SETUP,
        ),
    ),
    passes=(
        Example("CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (b))"),
        Example("CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (id))", setup=_SETUP),
        Example("CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (code))", setup=_SETUP),
    ),
)
