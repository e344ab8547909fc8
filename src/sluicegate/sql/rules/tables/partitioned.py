"""TABLE_PARTITIONED: partitioned tables need care of their own."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, actions
from sluicegate.sql.structure.definitions import CreateTable, PartitionAction


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateTable) and structure.table.partitioning is not None:
        yield Note("TABLE_PARTITIONED", structure.at, structure.table.partitioning.method)
    for action in actions(subject):
        if isinstance(action, PartitionAction) and action.operation == "PARTITION":
            yield Note("TABLE_PARTITIONED", action.at, "PARTITION BY")


RULE = Rule(
    id="TAB012",
    code="TABLE_PARTITIONED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="使用分区表", en="Partitioned table"),
    message=Text(
        zh="使用了分区（{detail}）。请确认查询都带分区键，并安排好新分区的创建和旧分区的清理。",
        en="This table is partitioned ({detail}). Make sure that queries name the key, and that somebody adds and drops partitions.",
    ),
    why=Text(
        zh="不带分区键的查询要扫描全部分区；唯一键必须包含分区键；忘记建新分区会导致写入失败。",
        en="Queries without the key scan every partition, unique keys must contain it, and a partition that nobody made in time refuses writes.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT) PARTITION BY HASH (a) PARTITIONS 4", families=("mysql",)),
        Example("ALTER TABLE t PARTITION BY HASH (a) PARTITIONS 4", families=("mysql",)),
        Example("CREATE TABLE t (a INT) PARTITION BY RANGE (a)", families=("postgresql",)),
    ),
    passes=(
        Example("CREATE TABLE t (a INT)"),
        Example("ALTER TABLE t DROP PARTITION p", families=("mysql",)),
    ),
)
