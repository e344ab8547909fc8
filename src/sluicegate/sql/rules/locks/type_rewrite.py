"""COLUMN_TYPE_REWRITE: another type may mean that every row is written anew."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.rules.locks.storage import same_bytes
from sluicegate.sql.structure.definitions import AlterTable, SetType, Table


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    for action in actions(subject):
        if isinstance(action, SetType) and not _harmless(subject, table, action):
            yield from locking(subject, table, "COLUMN_TYPE_REWRITE", action.at, action.name)


def _harmless(subject: Subject, ref: ObjectRef, action: SetType) -> bool:
    table = subject.table(ref)
    column = table.column(action.name) if isinstance(table, Table) else None
    if column is None or column.type is None or not same_bytes(column.type, action.type):
        return False
    plain = action.using.replace('"', "").replace(" ", "").casefold().split("::")[0]
    return plain in ("", action.name.casefold())


RULE = Rule(
    id="PGL013",
    code="COLUMN_TYPE_REWRITE",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="修改列类型会重写整张表", en="Column type that rewrites the table"),
    message=Text(
        zh="修改表 {table} 的列 {detail} 的类型会重写整张表并重建其索引，期间所有读写都要等待。请新增一列，双写并分批回填，再切换。",
        en="The new type of {detail} rewrites table {table} and its indexes while all others wait. Add a column of the new type, write both, fill it in batches, then switch.",
    ),
    why=Text(
        zh="只有放宽长度（varchar 变长、varchar 改 text、numeric 增加精度）之类不改变存储的修改才立即完成。",
        en="Only changes that leave the stored values alone (a longer varchar, varchar to text, more digits of numeric) are immediate.",
    ),
    fails=(
        Example("ALTER TABLE t ALTER COLUMN a TYPE bigint"),
        Example(
            "ALTER TABLE t ALTER COLUMN a TYPE bigint",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
        Example(
            "ALTER TABLE t ALTER COLUMN b TYPE varchar(10)",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ALTER COLUMN a TYPE bigint"
        ),
        Example(
            "ALTER TABLE t ALTER COLUMN b TYPE varchar(50)",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
        Example(
            "ALTER TABLE t ALTER COLUMN b TYPE text",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
        Example(
            "ALTER TABLE t ALTER COLUMN a TYPE bigint",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=0,
        ),
    ),
)
