"""CHAR_TOO_LONG: how long CHAR columns may be.

Carries over CloudDM's column_010.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.types import is_char


def check(subject: Subject, options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is None or not is_char(column.type):
            continue
        length = column.type.length
        if (length is None and not options.flag("allow_empty")) or (length or 0) > options.number("length"):
            yield Note("CHAR_TOO_LONG", column.at, column.name, params={"type": str(column.type)})


RULE = Rule(
    id="COL027",
    code="CHAR_TOO_LONG",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter("allow_empty", False, Text(zh="是否允许不写长度", en="Whether the length may be left out")),
        Parameter("length", 120, Text(zh="最大长度", en="Greatest length"), minimum=1),
    ),
    title=Text(zh="CHAR 列长度", en="Length of CHAR columns"),
    message=Text(
        zh="列 {detail} 的类型是 {type}，规定 CHAR 最长 {length}。请缩短或换用合适的类型。",
        en="Column {detail} is {type}; CHAR of at most {length} is agreed. Shorten it or use another type.",
    ),
    why=Text(
        zh="长度应当反映真实数据；过长的列会放大内存临时表和索引，也放过了错误数据。",
        en="The length should say what is really there: longer ones swell temporary tables and indexes, and let errors through.",
    ),
    fails=(
        Example("CREATE TABLE t (a CHAR(200))"),
        Example("CREATE TABLE t (a CHAR(20))", options={"length": 10}),
    ),
    passes=(Example("CREATE TABLE t (a CHAR(20), b VARCHAR(200))"),),
)
