"""STORED_COLUMN_ADDED: a stored column is computed for every row."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AddColumn, AlterTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None:
        return
    for action in actions(subject):
        if isinstance(action, AddColumn) and action.column.generated is not None and action.column.stored:
            yield from locking(subject, table, "STORED_COLUMN_ADDED", action.at, action.column.name)


RULE = Rule(
    id="PGL030",
    code="STORED_COLUMN_ADDED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="新增存储型生成列", en="Stored generated column added"),
    message=Text(
        zh="为表 {table} 新增存储型生成列 {detail} 会逐行计算并重写整张表，期间所有读写都要等待。请新增普通列，用触发器维护并分批回填。",
        en="Adding the stored column {detail} computes it for every row and rewrites table {table} while all others wait. Add a plain column, keep it by a trigger and fill it in batches.",
    ),
    why=Text(
        zh="存储型生成列没有只改元数据的办法；18 版起的 VIRTUAL 列没有这个问题。",
        en="There is no way to add one without writing the rows; VIRTUAL ones (version 18) need none.",
    ),
    fails=(
        Example("ALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (a * 2) STORED"),
        Example(
            "ALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (a * 2) STORED",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example("ALTER TABLE t ADD COLUMN g int"),
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (a * 2) STORED"
        ),
    ),
)
