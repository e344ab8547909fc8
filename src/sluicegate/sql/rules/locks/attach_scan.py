"""ATTACH_SCAN: the new partition is read to prove that its rows belong there."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions
from sluicegate.sql.rules.locks.size import locking
from sluicegate.sql.structure.definitions import AlterTable, PartitionAction, Table


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for action in actions(subject):
        if not isinstance(action, PartitionAction) or action.operation != "ATTACH" or action.table is None:
            continue
        table = subject.table(action.table)
        checked = isinstance(table, Table) and any(not check.not_valid for check in table.checks)
        if not checked:
            yield from locking(subject, action.table, "ATTACH_SCAN", action.at, action.table.name)


RULE = Rule(
    id="PGL036",
    code="ATTACH_SCAN",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="挂接分区前没有 CHECK 约束", en="Partition attached without a CHECK"),
    message=Text(
        zh="挂接 {detail} 时会锁住并扫描它的全部数据。请先为它加上与分区范围相同的、已验证的 CHECK 约束，挂接后再删除。",
        en="Attaching {detail} locks and reads all its rows. Give it a validated CHECK of the partition's bounds first, and drop that afterwards.",
    ),
    why=Text(
        zh="有等价的 CHECK 约束时，服务器不必扫描。若父表有默认分区，它也会被扫描。",
        en="With an equal CHECK the server needs no scan. A default partition of the parent is read too.",
    ),
    fails=(
        Example("ALTER TABLE p ATTACH PARTITION t FOR VALUES FROM (1) TO (2)"),
        Example(
            "ALTER TABLE p ATTACH PARTITION t FOR VALUES FROM (1) TO (2)",
            setup="CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20), c text)",
            rows=1000000,
        ),
    ),
    passes=(
        Example(
            "CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nALTER TABLE p ATTACH PARTITION t FOR VALUES FROM (1) TO (2)"
        ),
        Example(
            "ALTER TABLE p ATTACH PARTITION t FOR VALUES FROM (1) TO (2)",
            setup="CREATE TABLE t (a int NOT NULL, CHECK (a >= 1 AND a < 2))",
            rows=1000000,
        ),
    ),
)
