"""FOREIGN_KEY_CASCADE: foreign keys that change rows nobody named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, foreign_keys

_REACHING: Final = frozenset({"CASCADE", "SET NULL", "SET DEFAULT"})


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for key in foreign_keys(subject):
        for event, action in (("DELETE", key.on_delete), ("UPDATE", key.on_update)):
            if action in _REACHING:
                yield Note(
                    "FOREIGN_KEY_CASCADE",
                    key.at,
                    f"ON {event} {action}",
                    params={"table": key.references.name},
                )


RULE = Rule(
    id="TAB021",
    code="FOREIGN_KEY_CASCADE",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    title=Text(zh="级联外键", en="Cascading foreign key"),
    message=Text(
        zh="外键带 {detail}：改动 {table} 的一行会连带改动本表的行，且不经触发审核。请确认这是想要的。",
        en="The foreign key says {detail}: a change of one row in {table} reaches rows of this table, and no review sees it. Make sure that this is meant.",
    ),
    why=Text(
        zh="级联删除会一次删掉大量数据，影响行数无法预估，复制和撤销也更难。",
        en="Cascades may delete a lot at once, their rows can't be estimated, and replication and undo become harder.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES o (a) ON DELETE CASCADE)"),
        Example("CREATE TABLE t (a INT REFERENCES o (a) ON UPDATE SET NULL)"),
    ),
    passes=(
        Example("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES o (a) ON DELETE RESTRICT)"),
        Example("CREATE TABLE t (a INT REFERENCES o (a))"),
    ),
)
