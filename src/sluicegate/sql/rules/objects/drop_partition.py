"""PARTITION_DROPPED: the rows of a partition go with it."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AlterTable, PartitionAction


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, AlterTable):
        for action in structure.actions:
            if isinstance(action, PartitionAction) and action.operation in ("DROP", "TRUNCATE", "EXCHANGE"):
                yield Note("PARTITION_DROPPED", action.at, ", ".join(action.names) or structure.table.name)


RULE = Rule(
    id="OBJ014",
    code="PARTITION_DROPPED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    enabled=False,  # a guard speaks of it anyway; a policy may weigh this case by itself
    title=Text(zh="删除、清空或交换分区", en="Dropping, emptying or exchanging a partition"),
    message=Text(
        zh="分区 {detail} 中的数据会离开这张表，且无法撤销。请确认分区范围，并先归档需要保留的数据。",
        en="The rows of partition {detail} leave the table, and this can't be undone. Check the partition's range, and archive what must be kept.",
    ),
    why=Text(
        zh="分区名看不出其中的数据范围；写错一个名字就会丢掉一个月的数据。",
        en="A partition's name doesn't show what is in it; one wrong name loses a month of data.",
    ),
    fails=(
        Example("ALTER TABLE t DROP PARTITION p1"),
        Example("ALTER TABLE t TRUNCATE PARTITION p1"),
    ),
    passes=(
        Example("ALTER TABLE t ADD PARTITION (PARTITION p3 VALUES LESS THAN (3))"),
        Example("ALTER TABLE t ADD COLUMN a INT"),
    ),
)
