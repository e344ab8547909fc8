"""PUBLIC_SCHEMA_OPEN: everybody may put objects before the real ones."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import Grant


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, Grant) or structure.revokes or "PUBLIC" not in structure.grantees:
        return
    if {"CREATE", "ALL"} & set(structure.privileges):
        for ref in structure.refs:
            if ref.type == "schema":
                yield Note("PUBLIC_SCHEMA_OPEN", structure.at, ref.name)


RULE = Rule(
    id="PGL050",
    code="PUBLIC_SCHEMA_OPEN",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(Grant,),
    title=Text(zh="任何人都能在模式中建对象", en="Everybody may create in a schema"),
    message=Text(
        zh="授予 PUBLIC 在模式 {detail} 中建对象的权限后，任何人都能放入同名的函数或表来冒充。请只授予需要的角色。",
        en="With CREATE for PUBLIC on schema {detail} anybody can put functions or tables there that pass for the real ones. Grant it to the roles that need it.",
    ),
    why=Text(
        zh="这正是 CVE-2018-1058；15 版起默认已收回这项权限。",
        en="This is CVE-2018-1058; since version 15 the right isn't given by default.",
    ),
    fails=(
        Example("GRANT CREATE ON SCHEMA public TO PUBLIC"),
        Example("GRANT ALL ON SCHEMA app TO PUBLIC"),
    ),
    passes=(
        Example("GRANT USAGE ON SCHEMA public TO PUBLIC"),
        Example("GRANT CREATE ON SCHEMA app TO alice"),
    ),
)
