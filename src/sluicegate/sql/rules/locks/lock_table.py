"""TABLE_LOCKED: LOCK TABLE holds until the transaction ends."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import Maintenance


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, Maintenance) and structure.operation == "LOCK TABLE":
        names = ", ".join(ref.name for ref in structure.refs)
        yield Note("TABLE_LOCKED", structure.at, names or "LOCK TABLE")


RULE = Rule(
    id="PGL040",
    code="TABLE_LOCKED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(Maintenance,),
    title=Text(zh="显式锁表", en="Table locked by hand"),
    message=Text(
        zh="LOCK TABLE 会让其他会话等待 {detail}，直到事务结束。请去掉它：各语句会自己取得所需的锁。",
        en="LOCK TABLE makes others wait for {detail} until the transaction ends. Leave it out: statements take the locks that they need.",
    ),
    why=Text(
        zh="默认模式是 ACCESS EXCLUSIVE，连查询也会被挡住。",
        en="The default mode is ACCESS EXCLUSIVE, which keeps readers out too.",
    ),
    fails=(
        Example("LOCK TABLE t"),
        Example("LOCK TABLE a, b IN SHARE MODE"),
    ),
    passes=(Example("SELECT * FROM t WHERE id = 1"),),
)
