"""DOMAIN_CONSTRAINT_ADDED: all tables that use the domain are read."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AlterType


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, AlterType) or structure.ref.type != "domain" or structure.not_valid:
        return
    if structure.operation in ("ADD CONSTRAINT", "SET NOT NULL"):
        yield Note("DOMAIN_CONSTRAINT_ADDED", structure.at, structure.ref.name)


RULE = Rule(
    id="PGL027",
    code="DOMAIN_CONSTRAINT_ADDED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterType,),
    title=Text(zh="为域新增约束", en="Constraint added to a domain"),
    message=Text(
        zh="为域 {detail} 新增约束会锁住并扫描所有用到它的表。请先加 NOT VALID，再单独 VALIDATE CONSTRAINT。",
        en="The new constraint of domain {detail} locks and reads every table that uses it. Add it NOT VALID, and VALIDATE CONSTRAINT separately.",
    ),
    why=Text(
        zh="一条语句会牵连语句里没有出现的许多表。",
        en="One statement touches many tables that it doesn't name.",
    ),
    fails=(
        Example("ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0)"),
        Example("ALTER DOMAIN d SET NOT NULL"),
    ),
    passes=(
        Example("ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0) NOT VALID"),
        Example("ALTER DOMAIN d DROP NOT NULL"),
    ),
)
