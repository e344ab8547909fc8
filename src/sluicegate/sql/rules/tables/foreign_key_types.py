"""FOREIGN_KEY_TYPES_DIFFER: a foreign key compares columns of one type."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, foreign_keys
from sluicegate.sql.rules.filled import known
from sluicegate.sql.rules.outcome import after
from sluicegate.sql.rules.types import INTEGER_BYTES, Values, values
from sluicegate.sql.structure.definitions import ColumnType


def _differ(one: ColumnType, other: ColumnType, family: str) -> bool:
    if values(one) is not values(other):
        return Values.OTHER not in (values(one), values(other))
    if values(one) is not Values.INTEGER or family != MYSQL:
        return False
    return INTEGER_BYTES[one.name] != INTEGER_BYTES[other.name] or one.unsigned != other.unsigned


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    own = after(subject)
    for key in foreign_keys(subject):
        parent = known(subject, key.references)
        for name, referenced in zip(key.columns, key.referenced, strict=False):
            here = None if own is None else own.column(name)
            there = None if parent is None else parent.column(referenced)
            if here is None or there is None or here.type is None or there.type is None:
                continue
            if _differ(here.type, there.type, subject.family):
                yield Note(
                    "FOREIGN_KEY_TYPES_DIFFER",
                    key.at,
                    f"{name} {here.type}",
                    params={"other": f"{referenced} {there.type}"},
                )


RULE = Rule(
    id="TAB028",
    code="FOREIGN_KEY_TYPES_DIFFER",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=COLUMNS_IN,
    title=Text(zh="外键两端类型不同", en="Foreign key between different types"),
    message=Text(
        zh="外键列 {detail} 与被引用的列 {other} 类型不同。MySQL 会拒绝，PostgreSQL 用不上索引或同样拒绝。请改成一致的类型。",
        en="The foreign key's column {detail} and the column {other} that it refers to differ in type: MySQL refuses it. Make them alike.",
    ),
    why=Text(
        zh="MySQL 要求整数的长度和符号都一致，否则报错 3780；其他数据库也要逐行转换。",
        en="MySQL wants integers of the same size and sign, or fails with error 3780; elsewhere values are converted.",
    ),
    fails=(
        Example(
            "CREATE TABLE t (a BIGINT, FOREIGN KEY (a) REFERENCES o (id))",
            families=("mysql",),
            setup="CREATE TABLE o (id INT PRIMARY KEY)",
        ),
        Example(
            "CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES o (id))",
            families=("mysql",),
            setup="CREATE TABLE o (id INT UNSIGNED PRIMARY KEY)",
        ),
        Example(
            "CREATE TABLE t (a VARCHAR(9), FOREIGN KEY (a) REFERENCES o (id))",
            setup="CREATE TABLE o (id INT PRIMARY KEY)",
        ),
    ),
    passes=(
        Example(
            "CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES o (id))",
            setup="CREATE TABLE o (id INT PRIMARY KEY)",
        ),
        Example("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES o (id))"),
    ),
)
