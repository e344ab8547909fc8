"""RULE_CREATED: rules rewrite statements in ways that nobody expects."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateRoutine


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateRoutine) and structure.ref.type == "rule":
        yield Note("RULE_CREATED", structure.at, structure.ref.name)


RULE = Rule(
    id="PGL046",
    code="RULE_CREATED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(CreateRoutine,),
    title=Text(zh="创建规则 (CREATE RULE)", en="CREATE RULE"),
    message=Text(
        zh="规则 {detail} 会改写语句，易产生重复求值等意外结果。请改用触发器或视图。",
        en="Rule {detail} rewrites statements, with surprises such as expressions evaluated twice. Use a trigger or a view.",
    ),
    why=Text(
        zh="PostgreSQL 社区多年来不建议使用规则；撤销和行数估算也无法覆盖它改写的语句。",
        en="PostgreSQL's community has advised against rules for years, and neither undo nor estimates can follow what they rewrite.",
    ),
    fails=(Example("CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING"),),
    passes=(Example("CREATE VIEW v AS SELECT 1"),),
)
