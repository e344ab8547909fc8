"""SEQUENCE_CYCLES: a sequence that begins again gives numbers twice."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateSequence


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateSequence) and structure.cycle:
        yield Note("SEQUENCE_CYCLES", structure.at, structure.ref.name)


RULE = Rule(
    id="PGL053",
    code="SEQUENCE_CYCLES",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(CreateSequence,),
    title=Text(zh="循环序列", en="Sequence that cycles"),
    message=Text(
        zh="序列 {detail} 用尽后会从头开始，产生重复的值。请去掉 CYCLE，并使用 bigint。",
        en="Sequence {detail} begins again at its end and gives values twice. Leave CYCLE out and use bigint.",
    ),
    why=Text(
        zh="作为主键来源时，循环后的插入会因重复而失败，或者覆盖含义。",
        en="As the source of a key, inserts fail after it wraps, or mean something else.",
    ),
    fails=(Example("CREATE SEQUENCE s CYCLE"),),
    passes=(
        Example("CREATE SEQUENCE s"),
        Example("CREATE SEQUENCE s NO CYCLE"),
    ),
)
