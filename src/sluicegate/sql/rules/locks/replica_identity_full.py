"""REPLICA_IDENTITY_FULL: every change is logged with the whole old row."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.structure.definitions import AlterTable, SetOption


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    for action in actions(subject):
        if isinstance(action, SetOption) and (action.name, action.value) == ("REPLICA IDENTITY", "FULL"):
            yield Note("REPLICA_IDENTITY_FULL", action.at, "" if table is None else table.name)


RULE = Rule(
    id="PGL054",
    code="REPLICA_IDENTITY_FULL",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="REPLICA IDENTITY FULL", en="REPLICA IDENTITY FULL"),
    message=Text(
        zh="表 {detail} 设为 REPLICA IDENTITY FULL 后，每次更新和删除都要把整行旧值写入 WAL，订阅端还可能逐行全表扫描。请改用主键或唯一索引。",
        en="With REPLICA IDENTITY FULL each UPDATE and DELETE of {detail} logs the whole old row, and subscribers may read the whole table for each. Use the primary key or a unique index.",
    ),
    why=Text(zh="有主键时默认的标识就够用。", en="Where there is a primary key the default is enough."),
    fails=(Example("ALTER TABLE t REPLICA IDENTITY FULL"),),
    passes=(
        Example("ALTER TABLE t REPLICA IDENTITY DEFAULT"),
        Example("ALTER TABLE t REPLICA IDENTITY USING INDEX i"),
    ),
)
