"""PRIMARY_KEY_UUID_TEXT: UUIDs as texts in primary keys."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.rules.types import is_char, is_varchar
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
        if (is_char(column.type) or is_varchar(column.type)) and column.type.length in (32, 36):
            yield Note("PRIMARY_KEY_UUID_TEXT", column.at, name, params={"type": str(column.type)})


RULE = Rule(
    id="IDX014",
    code="PRIMARY_KEY_UUID_TEXT",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(CreateTable,),
    enabled=False,
    title=Text(zh="用文本存 UUID 主键", en="UUID as text in a primary key"),
    message=Text(
        zh="主键列 {detail} 的类型是 {type}，像是文本形式的 UUID。请改用 BINARY(16) 或 UUID 类型，或自增整数。",
        en="The primary key's column {detail} is {type}, which looks like a UUID as text. Use BINARY(16), the type UUID, or automatic numbers.",
    ),
    why=Text(
        zh="文本 UUID 占用的空间是二进制的两倍多，且乱序写入，主键和所有二级索引都会膨胀。",
        en="As text it takes more than twice the space, in random order, in the key and in every index.",
    ),
    fails=(
        Example("CREATE TABLE t (id CHAR(36) PRIMARY KEY)"),
        Example("CREATE TABLE t (id VARCHAR(32) PRIMARY KEY)"),
    ),
    passes=(
        Example("CREATE TABLE t (id BIGINT PRIMARY KEY)"),
        Example("CREATE TABLE t (id UUID PRIMARY KEY)", families=("postgresql",)),
    ),
)
