"""FUNCTION_ON_COLUMN: an index of the column can't be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, column_of, conditions, has_expression_index, leads_index, name
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Place, Query

_OPERATORS: Final = frozenset({"DIV", "MOD", "COLLATE", "BINARY"})


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return
    for found in conditions(query):
        if found.column is None or not found.function or found.place is Place.HAVING:
            continue
        if not found.function[0].isalpha() or found.function in _OPERATORS:
            continue
        resolved = column_of(subject, query, found.column, found.select)
        if resolved is not None:
            table, column = resolved
            if not leads_index(table, column.name) or has_expression_index(table):
                continue
        yield Note("FUNCTION_ON_COLUMN", found.at, name(found.column), params={"function": found.function})


RULE = Rule(
    id="QRY021",
    code="FUNCTION_ON_COLUMN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    title=Text(
        zh="条件中对列使用函数",
        en="Function on a column",
    ),
    message=Text(
        zh="条件对列 {detail} 使用了 {function}，该列的索引用不上，请把计算移到另一侧。",
        en=(
            "The condition wraps column {detail} in {function}, so its index can't be used. Move the "
            "computing to the other side."
        ),
    ),
    why=Text(
        zh="索引保存的是列本身的值，套上函数后只能逐行计算；如 DATE(c) = d 可写成范围条件。",
        en=(
            "An index holds the column's own values; behind a function every row is computed. Write "
            "DATE(c) = d as a range."
        ),
    ),
    fails=(
        Example("SELECT a FROM t WHERE LOWER(b) = 'x'"),
        Example("DELETE FROM t WHERE CAST(b AS CHAR) = 'x'"),
        Example(
            "SELECT a FROM t WHERE LOWER(b) = 'x'",
            setup="CREATE TABLE t (a INT, b VARCHAR(10)); CREATE INDEX i ON t (b)",
        ),
    ),
    passes=(
        Example("SELECT a FROM t WHERE b = LOWER('x')"),
        Example("SELECT a, COUNT(*) FROM t GROUP BY a HAVING COUNT(b) > 1"),
        Example(
            "SELECT a FROM t WHERE LOWER(b) = 'x'",
            setup="CREATE TABLE t (a INT, b VARCHAR(10)); CREATE INDEX i ON t (a)",
        ),
    ),
)
