"""INDEX_KEY_LONG: InnoDB indexes 3072 bytes.

https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import after, charset_of, label
from sluicegate.sql.rules.types import character_bytes, is_char, is_varchar
from sluicegate.sql.structure.definitions import Column, IndexKind, KeyPart, Table

LIMIT: Final = 3072


def _bytes(part: KeyPart, column: Column | None, table: Table) -> int:
    if column is None or column.type is None or not (is_char(column.type) or is_varchar(column.type)):
        return 0
    length = part.prefix or column.type.length or 1
    return length * (character_bytes(charset_of(column, table)) or 1)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    for index in indexes(subject):
        if table is None or index.kind in (IndexKind.FULLTEXT, IndexKind.SPATIAL):
            continue
        width = sum(_bytes(part, table.column(part.column), table) for part in index.parts)
        if width > LIMIT:
            yield Note("INDEX_KEY_LONG", index.at, label(index), params={"actual": width})


RULE = Rule(
    id="IDX006",
    code="INDEX_KEY_LONG",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=INDEXES_IN,
    title=Text(zh="索引键过长", en="Index key too long"),
    message=Text(
        zh="索引 {detail} 的键长达 {actual} 字节，超过 InnoDB 的上限 3072 字节，语句会失败。请用前缀索引或缩短列。",
        en="The key of index {detail} takes {actual} bytes, more than InnoDB's 3072: the statement fails. Index a beginning or shorten the columns.",
    ),
    why=Text(
        zh="utf8mb4 每个字符按 4 字节计算，VARCHAR(768) 就已到上限；报错 1071。",
        en="With utf8mb4 a character counts four bytes, so that VARCHAR(768) is the limit; error 1071.",
    ),
    fails=(
        Example("CREATE TABLE t (a VARCHAR(1000), KEY (a)) CHARSET=utf8mb4"),
        Example(
            "CREATE INDEX i ON t (a, b)",
            setup="CREATE TABLE t (a VARCHAR(500), b VARCHAR(500)) CHARSET=utf8mb4",
        ),
    ),
    passes=(
        Example("CREATE TABLE t (a VARCHAR(1000), KEY (a(100))) CHARSET=utf8mb4"),
        Example("CREATE TABLE t (a VARCHAR(1000), KEY (a)) CHARSET=latin1"),
    ),
)
