"""GENERATED_STORED: a stored generated column is computed for every row at once."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import is_empty, weight
from sluicegate.sql.structure.definitions import AddColumn, AlterTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    if ref is None or is_empty(subject, ref):
        return
    for action in actions(subject):
        if isinstance(action, AddColumn) and action.column.generated is not None and action.column.stored:
            yield Note("GENERATED_STORED", action.at, action.column.name, weight(subject, ref))


RULE = Rule(
    id="COL017",
    code="GENERATED_STORED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="新增存储型生成列", en="Stored generated column added"),
    message=Text(
        zh="新增存储型生成列 {detail} 会重写整张表，期间阻塞写入。请在低峰期执行，或改用虚拟列。",
        en="Adding the stored generated column {detail} writes the whole table anew while writes wait. Do it in a quiet hour, or use a virtual one.",
    ),
    why=Text(
        zh="每一行都要立即计算并存下，表越大锁得越久。",
        en="Every row is computed and stored at once: the larger the table, the longer the lock.",
    ),
    fails=(
        Example("ALTER TABLE t ADD COLUMN c INT GENERATED ALWAYS AS (a + 1) STORED"),
        Example(
            "ALTER TABLE t ADD COLUMN c INT GENERATED ALWAYS AS (a + 1) STORED",
            setup="CREATE TABLE t (a INT)",
            rows=9,
        ),
    ),
    passes=(
        Example("ALTER TABLE t ADD COLUMN c INT"),
        Example("ALTER TABLE t ADD COLUMN c INT AS (a + 1) VIRTUAL", families=("mysql",)),
        Example("CREATE TABLE t (a INT, c INT GENERATED ALWAYS AS (a + 1) STORED)"),
    ),
)
