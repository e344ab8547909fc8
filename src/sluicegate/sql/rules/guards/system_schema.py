"""SYSTEM_SCHEMA: the server's own tables."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Access, Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    territory = subject.territory
    for ref in subject.facts.objects:
        if ref.type == "function" and ref.access is not Access.WRITE:
            continue  # calls are judged by name
        place = (territory.place(ref) or "").casefold()
        name = ref.name.casefold()
        full = f"{place}.{name}" if place else ref.name
        prefix = territory.system_prefix
        unplaced = place in ("", (territory.assumed or "").casefold())
        named = prefix and (unplaced or territory.prefix_anywhere) and name.startswith(prefix)
        found = named and ref.access is Access.WRITE
        if found or (name in territory.secret and (not place or place in territory.system)):
            yield Note("SYSTEM_SCHEMA", -1, full)
        elif place in territory.system:
            if ref.access is Access.WRITE or place not in territory.readable:
                yield Note("SYSTEM_SCHEMA", -1, full)
        elif ref.type == "database" and name in territory.system and ref.access is Access.WRITE:
            yield Note("SYSTEM_SCHEMA", -1, full)


RULE = Rule(
    id="SEC003",
    code="SYSTEM_SCHEMA",
    severity=Severity.BLOCK,
    check=check,
    everywhere=True,
    families=STRUCTURED,
    title=Text(zh="数据库的系统表", en="The server's own tables"),
    message=Text(
        zh="{detail} 是数据库的系统表，不能通过工单访问。",
        en="{detail} belongs to the database system and can't be used in a ticket.",
    ),
    why=Text(
        zh="系统表保存账号、权限和服务器自身的状态，改动它们会损坏数据库或绕过权限。",
        en="They hold accounts, rights and the server's own state; changing them breaks the server or gets round its rights.",
    ),
    fails=(
        Example("UPDATE mysql.user SET host = 'x' WHERE user = 'a'", families=("mysql",)),
        Example("UPDATE pg_catalog.pg_class SET relname = 'x' WHERE oid = 1", families=("postgresql",)),
        Example("UPDATE sqlite_master SET sql = '' WHERE name = 'a'", families=("sqlite",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
