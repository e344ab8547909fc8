"""DOMAIN_WITH_CONSTRAINT: a domain's constraint is hard to change later."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateType


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateType) and structure.variety == "domain" and structure.constraints:
        yield Note("DOMAIN_WITH_CONSTRAINT", structure.at, structure.ref.name)


RULE = Rule(
    id="PGL026",
    code="DOMAIN_WITH_CONSTRAINT",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(CreateType,),
    title=Text(zh="带约束的域类型", en="Domain with a constraint"),
    message=Text(
        zh="域 {detail} 带有约束；以后改约束要扫描所有用到它的表。请改在各表上用 CHECK 约束。",
        en="Domain {detail} has a constraint, and changing it later checks every table that uses the domain. Use CHECK constraints on the tables.",
    ),
    why=Text(
        zh="表上的 CHECK 可以用 NOT VALID 分步修改，影响范围一目了然。",
        en="A table's CHECK can be changed step by step with NOT VALID, and it is plain what it concerns.",
    ),
    fails=(Example("CREATE DOMAIN d AS int CHECK (VALUE > 0)"),),
    passes=(
        Example("CREATE DOMAIN d AS int"),
        Example("CREATE TYPE e AS ENUM ('a')"),
    ),
)
