"""PRIMARY_KEY_NOT_BIGINT: primary keys that don't run out of numbers."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.rules.types import INTEGER_BYTES, Values, values
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = whole(subject.structure)
    key = None if table is None else table.primary_key
    if table is None or key is None:
        return

    for name in key.columns:
        column = table.column(name)
        if column is None or column.type is None:
            continue
        if values(column.type) is Values.INTEGER and INTEGER_BYTES[column.type.name] < 8:
            yield Note("PRIMARY_KEY_NOT_BIGINT", column.at, name, params={"type": str(column.type)})


RULE = Rule(
    id="IDX011",
    code="PRIMARY_KEY_NOT_BIGINT",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(CreateTable,),
    enabled=False,
    title=Text(zh="主键不是 BIGINT", en="Primary key smaller than BIGINT"),
    message=Text(
        zh="主键列 {detail} 的类型是 {type}，编号可能用尽。请使用 BIGINT。",
        en="The primary key's column {detail} is {type} and may run out of numbers. Use BIGINT.",
    ),
    why=Text(
        zh="INT 到 21 亿就写不进去了，届时改大表的主键要停机很久。",
        en="INT ends at 2.1 thousand million, and changing the key of a large table then takes a long outage.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT PRIMARY KEY)"),
        Example("CREATE TABLE t (id SERIAL PRIMARY KEY)", families=("postgresql",)),
    ),
    passes=(
        Example("CREATE TABLE t (id BIGINT PRIMARY KEY)"),
        Example("CREATE TABLE t (id VARCHAR(9) PRIMARY KEY)"),
    ),
)
