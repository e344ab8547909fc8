"""ARITHMETIC_ON_COLUMN: an index of the column can't be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, column_of, conditions, has_expression_index, leads_index, name
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Place, Query

_OPERATORS: Final = frozenset({"+", "-", "*", "/", "%", "DIV", "MOD", "||"})


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return
    for found in conditions(query):
        if found.column is None or not found.function or found.place is Place.HAVING:
            continue
        if found.function not in _OPERATORS:
            continue
        resolved = column_of(subject, query, found.column, found.select)
        if resolved is not None:
            table, column = resolved
            if not leads_index(table, column.name) or has_expression_index(table):
                continue
        yield Note("ARITHMETIC_ON_COLUMN", found.at, name(found.column), params={"function": found.function})


RULE = Rule(
    id="QRY022",
    code="ARITHMETIC_ON_COLUMN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    title=Text(
        zh="条件中对列做运算",
        en="Arithmetic on a column",
    ),
    message=Text(
        zh="条件对列 {detail} 做了运算（{function}），该列的索引用不上，请把运算移到另一侧。",
        en=(
            "The condition computes with column {detail} ({function}), so its index can't be used. Move "
            "the computing to the other side."
        ),
    ),
    why=Text(
        zh="a + 1 > 5 要逐行计算，a > 4 则可以用索引。",
        en="a + 1 > 5 is computed for every row, a > 4 can use an index.",
    ),
    fails=(
        Example("SELECT a FROM t WHERE b + 1 > 5"),
        Example(
            "SELECT a FROM t WHERE b * 2 = 4", setup="CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (b)"
        ),
    ),
    passes=(
        Example("SELECT a FROM t WHERE b > 5 - 1"),
        Example(
            "SELECT a FROM t WHERE b * 2 = 4", setup="CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (a)"
        ),
    ),
)
