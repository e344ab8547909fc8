"""VACUUM_FULL: VACUUM FULL locks everybody out."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import Maintenance


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, Maintenance) and structure.operation == "VACUUM" and structure.full:
        names = ", ".join(ref.name for ref in structure.refs)
        yield Note("VACUUM_FULL", structure.at, names or "VACUUM FULL")


RULE = Rule(
    id="PGL034",
    code="VACUUM_FULL",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(Maintenance,),
    title=Text(zh="VACUUM FULL 锁表", en="VACUUM FULL locks everybody out"),
    message=Text(
        zh="VACUUM FULL 会在独占锁下重写 {detail}，期间所有读写都要等待，还需要同样大小的空闲磁盘。请用普通 VACUUM 或 pg_repack。",
        en="VACUUM FULL writes {detail} anew while all others wait, and needs as much free disk again. Use plain VACUUM or pg_repack.",
    ),
    why=Text(
        zh="普通 VACUUM 就能让空间重新可用；要还给操作系统时才需要重写。",
        en="Plain VACUUM makes the room usable again; only giving it back to the system needs rewriting.",
    ),
    fails=(
        Example("VACUUM FULL t"),
        Example("VACUUM (FULL) t"),
    ),
    passes=(
        Example("VACUUM t"),
        Example("ANALYZE t"),
    ),
)
