"""MONEY_TYPE: what a money value means hangs on the server's locale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, columns
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, SetType

_TYPES: Final = ("MONEY",)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name in _TYPES:
            yield Note("MONEY_TYPE", column.at, column.name)
    for action in actions(subject):
        if isinstance(action, SetType) and action.type.name in _TYPES:
            yield Note("MONEY_TYPE", action.at, action.name)


RULE = Rule(
    id="PGL022",
    code="MONEY_TYPE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(
        AlterTable,
        CreateTable,
    ),
    title=Text(zh="money 列", en="money column"),
    message=Text(
        zh="列 {detail} 是 money，其小数位和币种取决于服务器的 lc_monetary。请用 numeric，并另存币种。",
        en="Column {detail} is of type money, whose digits and currency hang on lc_monetary. Use numeric and a column for the currency.",
    ),
    why=Text(
        zh="换一台区域设置不同的服务器，同样的数据会显示成另一种金额。",
        en="On a server of another locale the same data shows as another amount.",
    ),
    fails=(Example("CREATE TABLE x (c money)"),),
    passes=(Example("CREATE TABLE x (c numeric(12,2))"),),
)
