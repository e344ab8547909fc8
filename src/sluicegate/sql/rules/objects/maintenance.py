"""MAINTENANCE: rebuilding and checking belong into a quiet hour."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import Maintenance


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, Maintenance) and structure.operation in (
        "OPTIMIZE",
        "REPAIR",
        "CHECK",
        "VACUUM",
        "REINDEX",
    ):
        yield Note("MAINTENANCE", structure.at, structure.operation)


RULE = Rule(
    id="OBJ015",
    code="MAINTENANCE",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Maintenance,),
    enabled=False,  # a guard speaks of it anyway; a policy may weigh this case by itself
    title=Text(zh="维护语句", en="Maintenance"),
    message=Text(
        zh="{detail} 会读写整张表，期间可能阻塞业务。请在维护窗口内执行。",
        en="{detail} reads or writes the whole table and may block others meanwhile. Run it within a maintenance window.",
    ),
    why=Text(
        zh="整理和重建表空间的语句运行时间与表大小成正比，还会与业务争抢磁盘。",
        en="Such statements take as long as the table is large, and compete with everybody else for the disk.",
    ),
    fails=(
        Example("OPTIMIZE TABLE t", families=("mysql",)),
        Example("REINDEX TABLE t", families=("postgresql",)),
        Example("REINDEX t", families=("sqlite",)),
    ),
    passes=(
        Example("CREATE INDEX i ON t (a)"),
        Example("DELETE FROM t WHERE id = 1"),
    ),
)
