"""COMMENT_LONG: comments that are too long."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, options: Options) -> Iterator[Note]:
    length = options.number("length")
    structure = subject.structure
    if isinstance(structure, CreateTable) and len(structure.table.options.get("COMMENT", "")) > length:
        yield Note("COMMENT_LONG", structure.at, structure.table.ref.name)
    for column in columns(subject):
        if len(column.comment or "") > length:
            yield Note("COMMENT_LONG", column.at, column.name)


RULE = Rule(
    id="TAB014",
    code="COMMENT_LONG",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(Parameter("length", 200, Text(zh="最多字符数", en="Most characters"), minimum=1),),
    title=Text(zh="注释过长", en="Comment too long"),
    message=Text(
        zh="{detail} 的注释超过 {length} 个字符。请精简，详细说明放到文档里。",
        en="The comment of {detail} has more than {length} characters. Shorten it, and put the details into documents.",
    ),
    why=Text(
        zh="MySQL 的列注释最多 1024 个字符，表注释最多 2048 个；过长的注释在工具里也看不全。",
        en="MySQL takes 1024 characters for a column and 2048 for a table, and tools show long ones only in part.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT COMMENT 'too long')", options={"length": 5}),
        Example("CREATE TABLE t (a INT) COMMENT='too long'", options={"length": 5}),
    ),
    passes=(Example("CREATE TABLE t (a INT COMMENT 'short') COMMENT 'fine'"),),
)
