"""CLUSTER_REWRITE: CLUSTER writes the table anew."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import Maintenance


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, Maintenance) and structure.operation == "CLUSTER":
        names = ", ".join(ref.name for ref in structure.refs)
        yield Note("CLUSTER_REWRITE", structure.at, names or "CLUSTER")


RULE = Rule(
    id="PGL033",
    code="CLUSTER_REWRITE",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(Maintenance,),
    title=Text(zh="CLUSTER 重写整张表", en="CLUSTER rewrites the table"),
    message=Text(
        zh="CLUSTER 会在独占锁下按索引顺序重写 {detail}，期间所有读写都要等待。请用 pg_repack 之类的在线工具，或在维护窗口内执行。",
        en="CLUSTER writes {detail} anew in the order of the index while all others wait. Use an online tool such as pg_repack, or a maintenance window.",
    ),
    why=Text(
        zh="顺序只在那一刻成立，之后的写入不会保持。",
        en="The order holds for that moment only: later writes don't keep it.",
    ),
    fails=(
        Example("CLUSTER t USING i"),
        Example("CLUSTER"),
    ),
    passes=(Example("VACUUM t"),),
)
