"""COLUMN_TYPE_FORBIDDEN: types that a team allows or forbids.

Carries over CloudDM's column_013 (ruleType, typeList).
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, options: Options) -> Iterator[Note]:
    listed = {name.upper() for name in options.words("types")}
    allows = options.word("mode") == "allow"
    for column in columns(subject):
        if column.type is not None and (column.type.name in listed) != allows:
            yield Note("COLUMN_TYPE_FORBIDDEN", column.at, column.name, params={"type": str(column.type)})


RULE = Rule(
    id="COL029",
    code="COLUMN_TYPE_FORBIDDEN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter(
            "mode", "allow", Text(zh="清单的含义", en="What the list means"), choices=("allow", "block")
        ),
        Parameter(
            "types",
            (
                "BIT",
                "TINYINT",
                "SMALLINT",
                "MEDIUMINT",
                "INT",
                "INTEGER",
                "BIGINT",
                "DECIMAL",
                "NUMERIC",
                "FLOAT",
                "DOUBLE",
                "DOUBLE PRECISION",
                "REAL",
                "BOOLEAN",
                "DATE",
                "TIME",
                "DATETIME",
                "TIMESTAMP",
                "TIMESTAMP WITHOUT TIME ZONE",
                "TIMESTAMP WITH TIME ZONE",
                "TIMESTAMPTZ",
                "YEAR",
                "CHAR",
                "CHARACTER",
                "VARCHAR",
                "CHARACTER VARYING",
                "BINARY",
                "VARBINARY",
                "TINYTEXT",
                "TEXT",
                "MEDIUMTEXT",
                "LONGTEXT",
                "TINYBLOB",
                "BLOB",
                "MEDIUMBLOB",
                "LONGBLOB",
                "BYTEA",
                "ENUM",
                "SET",
                "JSON",
                "JSONB",
                "UUID",
                "SERIAL",
                "BIGSERIAL",
            ),
            Text(zh="数据类型清单", en="Types"),
        ),
    ),
    title=Text(zh="不允许的数据类型", en="Type that isn't allowed"),
    message=Text(
        zh="列 {detail} 的类型 {type} 不被允许。请按规定选用类型。",
        en="The type {type} of column {detail} isn't allowed. Choose one that is.",
    ),
    why=Text(
        zh="限定类型让程序、同步和报表工具都能正确处理；清单由策略规定。",
        en="With agreed types programs, synchronisation and reports all cope. The list is the policy's.",
    ),
    fails=(
        Example("CREATE TABLE t (a TEXT)", options={"mode": "block", "types": ("text",)}),
        Example("CREATE TABLE t (a TEXT)", options={"types": ("INT",)}),
        Example("CREATE TABLE t (a GEOMETRY)", families=("mysql",)),
    ),
    passes=(
        Example("CREATE TABLE t (a TEXT, b DATE)"),
        Example("CREATE TABLE t (a DATE)", options={"mode": "block", "types": ("TEXT",)}),
    ),
)
