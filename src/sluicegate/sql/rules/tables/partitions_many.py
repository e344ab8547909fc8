"""PARTITIONS_MANY: how many partitions a table may have."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, options: Options) -> Iterator[Note]:
    structure = subject.structure
    parts = structure.table.partitioning if isinstance(structure, CreateTable) else None
    if parts is not None and (parts.count or 0) > options.number("max"):
        yield Note("PARTITIONS_MANY", -1, str(parts.count))


RULE = Rule(
    id="TAB013",
    code="PARTITIONS_MANY",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(Parameter("max", 128, Text(zh="最多分区数", en="Most partitions"), minimum=1),),
    title=Text(zh="分区过多", en="Too many partitions"),
    message=Text(
        zh="定义了 {detail} 个分区，超过规定的 {max} 个。请改用更大的分区。",
        en="Defines {detail} partitions, more than the {max} that are agreed. Make them larger.",
    ),
    why=Text(
        zh="每个分区都要打开文件、占用内存，优化器也要逐个考虑；分区过多反而更慢。",
        en="Each partition takes files and memory, and plans consider every one: too many make things slower.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT) PARTITION BY HASH (a) PARTITIONS 500"),
        Example(
            "CREATE TABLE t (a INT) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (1), PARTITION p1 VALUES LESS THAN (2))",
            options={"max": 1},
        ),
    ),
    passes=(Example("CREATE TABLE t (a INT) PARTITION BY HASH (a) PARTITIONS 8"),),
)
