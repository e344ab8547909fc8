"""PRIMARY_KEY_NOT_INTEGER: primary keys that are numbers."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.rules.types import Values, values
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
        if values(column.type) is not Values.INTEGER:
            yield Note("PRIMARY_KEY_NOT_INTEGER", column.at, name, params={"type": str(column.type)})


RULE = Rule(
    id="IDX010",
    code="PRIMARY_KEY_NOT_INTEGER",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(CreateTable,),
    enabled=False,
    title=Text(zh="主键不是整数", en="Primary key that is no integer"),
    message=Text(
        zh="主键列 {detail} 的类型是 {type}，规定用整数。请改为整数主键，业务编号另建唯一索引。",
        en="The primary key's column {detail} is {type}; integers are agreed. Use one, and make what the business calls by number a unique index.",
    ),
    why=Text(
        zh="整数主键短、有序，二级索引更小；文本主键的排序规则还会带来大小写、空格等意外的相等。",
        en="Integers are short and in order and keep other indexes small; texts bring collations with surprising equalities.",
    ),
    fails=(
        Example("CREATE TABLE t (id VARCHAR(20) PRIMARY KEY)"),
        Example("CREATE TABLE t (a INT, b DATE, PRIMARY KEY (a, b))"),
    ),
    passes=(
        Example("CREATE TABLE t (id BIGINT PRIMARY KEY)"),
        Example("CREATE TABLE t (id VARCHAR(20))"),
    ),
)
