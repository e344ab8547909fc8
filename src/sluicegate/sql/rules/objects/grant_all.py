"""GRANT_TOO_WIDE: all rights, rights for everybody, or rights to pass on."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import Grant


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, Grant) or structure.revokes:
        return
    if any(privilege.split()[0] == "ALL" for privilege in structure.privileges if privilege):
        yield Note("GRANT_TOO_WIDE", structure.at, "ALL")
    if any(grantee.upper() == "PUBLIC" for grantee in structure.grantees):
        yield Note("GRANT_TOO_WIDE", structure.at, "PUBLIC")
    if structure.with_grant_option:
        yield Note("GRANT_TOO_WIDE", structure.at, "WITH GRANT OPTION")


RULE = Rule(
    id="OBJ013",
    code="GRANT_TOO_WIDE",
    severity=Severity.ERROR,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(Grant,),
    enabled=False,  # a guard speaks of it anyway; a policy may weigh this case by itself
    title=Text(zh="授权过宽", en="Granting too much"),
    message=Text(
        zh="授予的权限过宽（{detail}）。请只授予需要的权限，给具体的账号，且不允许再转授。",
        en="Grants too much ({detail}). Grant just the rights that are needed, to a named account, and not to be passed on.",
    ),
    why=Text(
        zh="过宽的授权一旦泄露就等于整个库失守，而且很难事后收回。",
        en="One leaked account with such rights gives the whole database away, and they are hard to take back.",
    ),
    fails=(
        Example("GRANT ALL ON t TO u", families=("postgresql",)),
        Example("GRANT SELECT ON t TO PUBLIC", families=("postgresql",)),
        Example("GRANT ALL PRIVILEGES ON d.* TO 'u'@'h'", families=("mysql",)),
        Example("GRANT SELECT ON d.t TO 'u'@'h' WITH GRANT OPTION", families=("mysql",)),
    ),
    passes=(
        Example("GRANT SELECT ON t TO u", families=("postgresql",)),
        Example("GRANT SELECT ON d.t TO 'u'@'h'", families=("mysql",)),
        Example("REVOKE ALL ON t FROM u", families=("postgresql",)),
    ),
)
