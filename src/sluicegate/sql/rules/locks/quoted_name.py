"""NAME_NEEDS_QUOTES: a name with upper-case letters must be quoted for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import columns
from sluicegate.sql.structure.definitions import AlterTable, CreateTable

_PLAIN: Final = re.compile(r"[^\W\dA-Z][^\WA-Z$]*")


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    found: list[tuple[str, int]] = []
    if isinstance(structure, CreateTable):
        found.append((structure.table.ref.name, structure.at))
    found += [(column.name, column.at) for column in columns(subject)]
    for name, at in found:
        if not _PLAIN.fullmatch(name):
            yield Note("NAME_NEEDS_QUOTES", at, name)


RULE = Rule(
    id="PGL049",
    code="NAME_NEEDS_QUOTES",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    enabled=False,
    title=Text(zh="名称必须加双引号", en="Name that needs quotes"),
    message=Text(
        zh="名称 {detail} 含大写字母或特殊字符，今后每次使用都要加双引号。请改用小写字母、数字和下划线。",
        en="The name {detail} has upper-case letters or special characters and must be quoted at every use. Use lower-case letters, digits and underscores.",
    ),
    why=Text(
        zh="PostgreSQL 把不带引号的名称转为小写，忘记引号就找不到对象。",
        en="PostgreSQL folds unquoted names to lower case: without quotes the object isn't found.",
    ),
    fails=(
        Example('CREATE TABLE "Orders" (id int)'),
        Example('ALTER TABLE t ADD COLUMN "orderId" int'),
    ),
    passes=(Example("CREATE TABLE Orders (orderId int)"),),
)
