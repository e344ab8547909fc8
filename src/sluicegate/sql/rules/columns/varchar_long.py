"""VARCHAR_TOO_LONG: how long VARCHAR columns may be.

Carries over CloudDM's column_011.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.types import is_varchar


def check(subject: Subject, options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is None or not is_varchar(column.type):
            continue
        length = column.type.length
        if (length is None and not options.flag("allow_empty")) or (length or 0) > options.number("length"):
            yield Note("VARCHAR_TOO_LONG", column.at, column.name, params={"type": str(column.type)})


RULE = Rule(
    id="COL028",
    code="VARCHAR_TOO_LONG",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter("allow_empty", False, Text(zh="是否允许不写长度", en="Whether the length may be left out")),
        Parameter("length", 500, Text(zh="最大长度", en="Greatest length"), minimum=1),
    ),
    title=Text(zh="VARCHAR 列长度", en="Length of VARCHAR columns"),
    message=Text(
        zh="列 {detail} 的类型是 {type}，规定 VARCHAR 最长 {length}。请缩短或换用合适的类型。",
        en="Column {detail} is {type}; VARCHAR of at most {length} is agreed. Shorten it or use another type.",
    ),
    why=Text(
        zh="长度应当反映真实数据；过长的列会放大内存临时表和索引，也放过了错误数据。",
        en="The length should say what is really there: longer ones swell temporary tables and indexes, and let errors through.",
    ),
    fails=(
        Example("CREATE TABLE t (a VARCHAR(2000))"),
        Example("ALTER TABLE t ADD COLUMN a VARCHAR(600)"),
        Example(
            "CREATE TABLE t (a VARCHAR)",
            families=(
                "postgresql",
                "sqlite",
            ),
        ),
    ),
    passes=(
        Example("CREATE TABLE t (a VARCHAR(500))"),
        Example(
            "CREATE TABLE t (a VARCHAR)",
            families=(
                "postgresql",
                "sqlite",
            ),
            options={"allow_empty": True},
        ),
    ),
)
