"""VOLATILE_DEFAULT: a column that gets another value in each row makes the server write the table anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AddColumn, AlterTable, Column, ExpressionKind

_PER_ROW: Final = (ExpressionKind.VOLATILE, ExpressionKind.SEQUENCE)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    version = subject.context.server_version
    for action in actions(subject):
        if isinstance(action, AddColumn) and _per_row(action.column, version):
            yield from locking(subject, table, "VOLATILE_DEFAULT", action.at, action.column.name)


def _per_row(column: Column, version: tuple[int, ...] | None) -> bool:
    default = column.default
    if default is None:
        return column.serial or bool(column.identity)
    before_11 = version is not None and version < (11,)
    return default.kind in _PER_ROW or (before_11 and default.kind is not ExpressionKind.NULL)


RULE = Rule(
    id="PGL001",
    code="VOLATILE_DEFAULT",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="新增列逐行求默认值", en="Added column with a default per row"),
    message=Text(
        zh="为表 {table} 新增列 {detail} 会逐行计算默认值并重写整张表，期间所有读写都要等待。请先新增不带默认值的列，再设置默认值，最后分批回填。",
        en="Adding {detail} computes a value for every row and rewrites table {table} while all others wait. Add the column without a default, set the default, then fill the rows in batches.",
    ),
    why=Text(
        zh="常量或 now() 之类的默认值只改元数据（PostgreSQL 11 起）；random()、gen_random_uuid()、序列和自定义函数则必须逐行写入，期间持有 ACCESS EXCLUSIVE 锁。",
        en="A constant or now() is only noted in the catalogue (since PostgreSQL 11); random(), gen_random_uuid(), sequences and own functions need every row to be written under an ACCESS EXCLUSIVE lock.",
    ),
    fails=(
        Example("ALTER TABLE t ADD COLUMN u uuid DEFAULT gen_random_uuid()"),
        Example("ALTER TABLE t ADD COLUMN n bigserial"),
        Example(
            "ALTER TABLE t ADD COLUMN x timestamptz DEFAULT clock_timestamp()",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
        Example("ALTER TABLE t ADD COLUMN x int DEFAULT 1", version=(10, 4)),
    ),
    passes=(
        Example("ALTER TABLE t ADD COLUMN x int DEFAULT 1"),
        Example("ALTER TABLE t ADD COLUMN x timestamptz DEFAULT now()"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ADD COLUMN u uuid DEFAULT gen_random_uuid()"
        ),
        Example(
            "ALTER TABLE t ADD COLUMN n bigserial",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=0,
        ),
    ),
)
