"""TABLE_NO_PRIMARY_KEY: every table needs a primary key.

Carries over CloudDM's table_005.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = whole(subject.structure)
    if table is None or table.primary_key is not None or not table.columns:
        return
    structure = subject.structure
    if isinstance(structure, CreateTable) and not structure.temporary:
        yield Note("TABLE_NO_PRIMARY_KEY", structure.at, table.ref.name)


RULE = Rule(
    id="TAB001",
    code="TABLE_NO_PRIMARY_KEY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(CreateTable,),
    title=Text(zh="表没有主键", en="Table without a primary key"),
    message=Text(
        zh="表 {detail} 没有主键。请定义主键，最好是自增的 BIGINT。",
        en="Table {detail} has no primary key. Define one, best an automatically numbered BIGINT.",
    ),
    why=Text(
        zh="没有主键时，主从复制和按行撤销都要全表扫描，重复行无法区分，许多同步工具也无法工作。",
        en="Without one, replication and undo have to scan the whole table, equal rows can't be told apart, and many tools for synchronisation refuse.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT, name VARCHAR(10))"),
        Example("CREATE TABLE t (id INT, UNIQUE (id))"),
    ),
    passes=(
        Example("CREATE TABLE t (id INT PRIMARY KEY)"),
        Example("CREATE TABLE t (id INT, PRIMARY KEY (id))"),
        Example("CREATE TABLE t AS SELECT 1 AS a"),
        Example("CREATE TABLE t LIKE o", families=("mysql",)),
        Example("CREATE TABLE t (LIKE o INCLUDING ALL)", families=("postgresql",)),
        Example("CREATE TEMPORARY TABLE t (id INT)"),
    ),
)
