"""EXPLICIT_AUTO_INCREMENT: a value where the server would number by itself."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, target, written_columns
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    columns = written_columns(subject)
    table = target(subject)
    if query is None or columns is None or table is None:
        return
    for place, column in enumerate(columns):
        definition = table.column(column)
        if definition is None or not (definition.auto_increment or definition.identity):
            continue
        kinds = {row[place].kind for row in query.values if place < len(row)}
        if kinds & {OperandKind.NUMBER, OperandKind.STRING}:
            yield Note("EXPLICIT_AUTO_INCREMENT", query.at, column)


RULE = Rule(
    id="CHG036",
    code="EXPLICIT_AUTO_INCREMENT",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    enabled=False,
    title=Text(
        zh="写入了自增列",
        en="Value for an auto-increment column",
    ),
    message=Text(
        zh="插入时写明了自增列 {detail} 的值，可能与自增值冲突，请让数据库生成。",
        en=(
            "The INSERT gives auto-increment column {detail} a value, which may conflict later. Let the "
            "server number the rows."
        ),
    ),
    why=Text(
        zh="PostgreSQL 的序列不会随之前进，以后的插入会冲突；MySQL 的自增值会跳到更大的数。",
        en="PostgreSQL's sequence doesn't follow, so that later rows conflict; MySQL's counter jumps.",
    ),
    fails=(
        Example(
            "INSERT INTO t (id, a) VALUES (100, 1)",
            families=("mysql",),
            setup="CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT)",
        ),
        Example(
            "INSERT INTO t (id, a) VALUES (100, 1)",
            families=("postgresql",),
            setup="CREATE TABLE t (id SERIAL PRIMARY KEY, a INT)",
        ),
        Example(
            "INSERT INTO t (id, a) VALUES (100, 1)",
            families=("sqlite",),
            setup="CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT)",
        ),
    ),
    passes=(
        Example("INSERT INTO t (a) VALUES (1)"),
        Example(
            "INSERT INTO t (id, a) VALUES (NULL, 1)",
            families=("mysql",),
            setup="CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT)",
        ),
    ),
)
