"""UNIQUE_SET_TO_CONSTANT: many rows would get the same unique value."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import OWN, asked, by_key, conditions, target
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "UPDATE":
        return

    table = target(subject)
    if table is None or by_key(table, conditions(query, OWN)):
        return
    unique = {
        index.columns[0].casefold() for index in table.indexes if index.unique and len(index.columns) == 1
    }
    for assignment in query.assignments:
        constant = assignment.value in (OperandKind.NUMBER, OperandKind.STRING, OperandKind.PARAMETER)
        if constant and assignment.column.name.casefold() in unique:
            yield Note("UNIQUE_SET_TO_CONSTANT", assignment.at, assignment.column.name)


RULE = Rule(
    id="CHG030",
    code="UNIQUE_SET_TO_CONSTANT",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"UPDATE"}),
    needs=("assignments",),
    title=Text(
        zh="唯一列被更新为同一个值",
        en="Unique column set to one value",
    ),
    message=Text(
        zh="唯一列 {detail} 被更新为常量，而条件可能匹配多行，第二行就会冲突，请检查条件。",
        en=(
            "Unique column {detail} is set to a constant while several rows may qualify; the second "
            "would conflict. Check the condition."
        ),
    ),
    why=Text(
        zh="条件没有限定到唯一键，多于一行时语句会因重复而失败。",
        en="Unless the condition names one row by a unique key, the statement fails on the second row.",
    ),
    fails=(
        Example(
            "UPDATE t SET code = 'x' WHERE a = 1",
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
    ),
    passes=(
        Example(
            "UPDATE t SET code = 'x' WHERE id = 1",
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
        Example(
            "UPDATE t SET a = 1 WHERE b = 1",
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
        Example("UPDATE t SET code = 'x' WHERE a = 1"),
    ),
)
