"""TABLE_ENGINE_CHANGED: another engine means another table."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import is_empty, known, weight
from sluicegate.sql.structure.definitions import AlterTable, SetOption


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    if ref is None or is_empty(subject, ref):
        return
    table = known(subject, ref)
    for action in actions(subject):
        if isinstance(action, SetOption) and action.name == "ENGINE":
            before = "" if table is None else table.options.get("ENGINE", "")
            if before.lower() != action.value.lower():
                yield Note("TABLE_ENGINE_CHANGED", action.at, action.value, weight(subject, ref))


RULE = Rule(
    id="TAB011",
    code="TABLE_ENGINE_CHANGED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    title=Text(zh="更换存储引擎", en="Changing the storage engine"),
    message=Text(
        zh="更换为 {detail} 会把整张表复制一遍并阻塞写入，事务、外键和索引的行为也可能改变。请确认必要并在低峰期执行。",
        en="Changing to {detail} copies the whole table while writes wait, and transactions, foreign keys and indexes may behave otherwise. Make sure that it is needed, and do it in a quiet hour.",
    ),
    why=Text(
        zh="复制期间不能写入；从 InnoDB 换走会失去事务和外键，执行后也无法按行撤销。",
        en="Nobody can write during the copy; away from InnoDB there are no transactions and no foreign keys, and undo doesn't work.",
    ),
    fails=(
        Example("ALTER TABLE t ENGINE=InnoDB"),
        Example("ALTER TABLE t ENGINE=InnoDB", setup="CREATE TABLE t (a INT) ENGINE=Aria", rows=5),
    ),
    passes=(
        Example("ALTER TABLE t ENGINE=InnoDB", setup="CREATE TABLE t (a INT) ENGINE=InnoDB", rows=5),
        Example("CREATE TABLE t (a INT); ALTER TABLE t ENGINE=InnoDB"),
    ),
)
