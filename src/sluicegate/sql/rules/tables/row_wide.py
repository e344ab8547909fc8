"""ROW_TOO_WIDE: rows that the server can't hold.

https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html: 65,535 bytes for all columns but TEXT and BLOB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.outcome import after, charset_of
from sluicegate.sql.rules.types import character_bytes, is_char, is_varchar
from sluicegate.sql.structure.definitions import Column, Table

LIMIT: Final = 65535


def _bytes(column: Column, table: Table) -> int:
    """The least that the column takes of a row."""
    type_ = column.type
    if type_ is None or type_.length is None:
        return 0
    if is_char(type_) or is_varchar(type_):
        return type_.length * (character_bytes(charset_of(column, table)) or 1)
    return type_.length if type_.name in ("BINARY", "VARBINARY") else 0


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    if table is None or not any(True for _ in columns(subject)):
        return
    width = sum(_bytes(column, table) for column in table.columns)
    if width > LIMIT:
        yield Note("ROW_TOO_WIDE", -1, table.ref.name, params={"actual": width})


RULE = Rule(
    id="TAB018",
    code="ROW_TOO_WIDE",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    title=Text(zh="行过宽", en="Row too wide"),
    message=Text(
        zh="表 {detail} 的一行至少需要 {actual} 字节，超过上限 65535 字节，语句会失败。请缩短 VARCHAR 或改用 TEXT。",
        en="A row of table {detail} needs {actual} bytes at least, more than the 65535 there are: the statement fails. Shorten VARCHARs or use TEXT.",
    ),
    why=Text(
        zh="MySQL 规定除 TEXT、BLOB 外所有列合计不超过 65535 字节，utf8mb4 每个字符按 4 字节计算。",
        en="All columns but TEXT and BLOB share 65535 bytes, and with utf8mb4 each character counts four.",
    ),
    fails=(
        Example("CREATE TABLE t (a VARCHAR(20000)) CHARSET=utf8mb4"),
        Example("CREATE TABLE t (a VARCHAR(40000), b VARBINARY(30000))"),
        Example(
            "ALTER TABLE t ADD b VARCHAR(10000)", setup="CREATE TABLE t (a VARCHAR(10000)) CHARSET=utf8mb4"
        ),
    ),
    passes=(
        Example("CREATE TABLE t (a VARCHAR(2000), b TEXT) CHARSET=utf8mb4"),
        Example("CREATE TABLE t (a VARCHAR(20000)) CHARSET=latin1"),
        Example("ALTER TABLE t ADD b VARCHAR(60000)"),
    ),
)
