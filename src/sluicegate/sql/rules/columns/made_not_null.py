"""COLUMN_MADE_NOT_NULL: NOT NULL fails where a NULL is."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import is_empty, known, weight
from sluicegate.sql.structure.definitions import AlterTable, ChangeColumn, SetNullable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    if ref is None or is_empty(subject, ref):
        return
    table = known(subject, ref)
    for action in actions(subject):
        if isinstance(action, SetNullable) and not action.nullable:
            old = None if table is None else table.column(action.name)
            if old is None or old.nullable is not False:
                yield Note("COLUMN_MADE_NOT_NULL", action.at, action.name, weight(subject, ref))
        elif isinstance(action, ChangeColumn) and action.column.nullable is False:
            old = None if table is None else table.column(action.name)
            if old is not None and old.nullable is not False:
                yield Note("COLUMN_MADE_NOT_NULL", action.at, action.name, weight(subject, ref))


RULE = Rule(
    id="COL006",
    code="COLUMN_MADE_NOT_NULL",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="列改为非空", en="Column made NOT NULL"),
    message=Text(
        zh="列 {detail} 改为非空：已有空值时语句会失败，并且要读完整张表。请先补齐空值，并确认程序不再写入空值。",
        en="Column {detail} becomes NOT NULL: it fails if there is a NULL, and reads the whole table. Fill the NULLs first, and make sure that no program writes any.",
    ),
    why=Text(
        zh="检查期间表被锁住；失败后要全部重来，旧程序写入空值也会开始报错。",
        en="The table is locked while it is read, a failure means starting again, and programs that write NULLs begin to fail.",
    ),
    fails=(
        Example(
            "ALTER TABLE t MODIFY a INT NOT NULL",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
            rows=5,
        ),
        Example(
            "ALTER TABLE t CHANGE a c INT NOT NULL",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
        ),
        Example(
            "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
            families=("postgresql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
            rows=5,
        ),
        Example("ALTER TABLE t ALTER COLUMN a SET NOT NULL", families=("postgresql",)),
    ),
    passes=(
        Example(
            "ALTER TABLE t MODIFY a INT NOT NULL",
            families=("mysql",),
            setup="CREATE TABLE t (a INT NOT NULL)",
        ),
        Example("ALTER TABLE t MODIFY a INT NOT NULL", families=("mysql",)),
        Example(
            "ALTER TABLE t MODIFY a INT NOT NULL",
            families=("mysql",),
            setup="CREATE TABLE t (a INT, b VARCHAR(20))",
            rows=0,
        ),
        Example("ALTER TABLE t ALTER COLUMN a DROP NOT NULL", families=("postgresql",)),
        Example(
            "CREATE TABLE t (a INT); ALTER TABLE t ALTER COLUMN a SET NOT NULL", families=("postgresql",)
        ),
    ),
)
