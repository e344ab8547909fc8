"""TABLE_TRUNCATED: all rows of a table go at once."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import Truncate


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, Truncate):
        for ref in structure.tables:
            if not subject.script.walk.created_here(ref):
                yield Note("TABLE_TRUNCATED", structure.at, ref.name)


RULE = Rule(
    id="OBJ002",
    code="TABLE_TRUNCATED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(Truncate,),
    enabled=False,  # a guard speaks of it anyway; a policy may weigh this case by itself
    title=Text(zh="清空表", en="Emptying a table"),
    message=Text(
        zh="表 {detail} 的全部数据会被清空，且无法撤销（TRUNCATE 不逐行删除，没有前镜像）。若需要能撤销，请改用带条件的 DELETE。",
        en="All rows of {detail} go, and this can't be undone: TRUNCATE keeps no images. Use DELETE with a condition where you may want the rows back.",
    ),
    why=Text(
        zh="TRUNCATE 不触发删除触发器，在 MySQL 中会隐式提交，还会重置自增值；误操作后只能从备份恢复。",
        en="TRUNCATE fires no delete triggers, commits by itself in MySQL and resets auto-increment; after a mistake only a backup helps.",
    ),
    fails=(
        Example("TRUNCATE TABLE orders"),
        Example("TRUNCATE a, b", families=("postgresql",)),
    ),
    passes=(
        Example("CREATE TABLE t (a INT); TRUNCATE TABLE t"),
        Example("DELETE FROM orders WHERE id = 1"),
    ),
)
