"""COLUMN_POSITION: FIRST and AFTER rebuild the table before MySQL 8.0.29."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import is_empty
from sluicegate.sql.structure.definitions import AddColumn, AlterTable, ChangeColumn


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    if ref is None or is_empty(subject, ref):
        return
    for action in actions(subject):
        if isinstance(action, AddColumn | ChangeColumn) and action.position:
            yield Note("COLUMN_POSITION", action.at, action.column.name)


RULE = Rule(
    id="COL015",
    code="COLUMN_POSITION",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    title=Text(zh="指定列的位置", en="Place of a column"),
    message=Text(
        zh="为列 {detail} 指定了 FIRST 或 AFTER：MySQL 8.0.29 之前会重写整张表。若不必要，请加在最后。",
        en="FIRST or AFTER for column {detail}: before MySQL 8.0.29 this writes the whole table anew. Put it at the end unless it matters.",
    ),
    why=Text(
        zh="列的顺序对查询没有意义，重写大表却要很久，还会拖慢从库。",
        en="The order means nothing to queries, but writing a large table anew takes long and delays replicas.",
    ),
    fails=(
        Example("ALTER TABLE t ADD a INT AFTER b"),
        Example("ALTER TABLE t MODIFY a INT FIRST"),
    ),
    passes=(
        Example("ALTER TABLE t ADD a INT"),
        Example("CREATE TABLE t (b INT); ALTER TABLE t ADD a INT AFTER b"),
    ),
)
