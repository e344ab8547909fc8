"""The query that counts what a change would change, of slices of its text.

A join finds a row as often as it has partners, but the row is changed once: so rows of several tables are
counted by their primary key.
"""

# ruff: noqa: S608 - slices of the statement, and names quoted

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sluicegate.dialects.common import scan
from sluicegate.dialects.mysql import lexicon
from sluicegate.dialects.mysql.finding import MODIFIERS, clauses, first_of, source_of_insert
from sluicegate.dialects.mysql.functions import GRAMMAR
from sluicegate.dialects.mysql.putting_together import AGGREGATES, SET_OPERATORS
from sluicegate.dialects.mysql.variant import MYSQL
from sluicegate.dialects.mysql.wire import Wire, quote
from sluicegate.sql.model import ImagePlan, Statement
from sluicegate.sql.query_structure import read_query
from sluicegate.sql.structure.queries import ColumnUse, Query, TableUse

_JOINING: Final = frozenset({",", "(", "JOIN", "STRAIGHT_JOIN"})
_BEFORE_TABLES: Final = MODIFIERS | {"HIGH_PRIORITY", "DELAYED"}
_LIMITING: Final = frozenset({"LIMIT", "FETCH"})


class Uncountable(Exception):
    """The statement's rows can't be counted by a query."""


@dataclass(frozen=True, slots=True)
class Counting:
    """``text`` is a whole SELECT with the number as its only value. ``bound``: it is the most there can be."""

    text: str
    bound: bool = False


def counting(wire: Wire, statement: Statement, plan: ImagePlan | None, parts: list[scan.Token]) -> Counting:
    """Raises Uncountable."""
    if plan is not None:
        return Counting(_of(f"SELECT 1 FROM {plan.table_text} {plan.alias_text} {plan.tail_text}"))
    if any(token.depth and token.text in _LIMITING for token in parts if token.kind is scan.TokenKind.WORD):
        raise Uncountable  # which rows a sub-query leaves isn't certain
    if not parts or parts[0].text != statement.operation:
        raise Uncountable
    bound = _ignores(parts)
    match statement.operation:
        case "INSERT":
            return _inserted(statement.text, parts, bound=bound)
        case "UPDATE" | "DELETE":
            return _changed(wire, statement, parts, bound=bound)
        case _:  # REPLACE takes away as many rows as stand in its way
            raise Uncountable


def _ignores(parts: list[scan.Token]) -> bool:
    """Rows that can't be changed are passed over."""
    for token in parts[1:]:
        if token.text not in _BEFORE_TABLES:
            return False
        if token.text == "IGNORE":
            return True
    return False


def _of(rows: str) -> str:
    return f"SELECT COUNT(*) FROM ({rows}\n) AS counted_rows"


# ---------------------------------------------------------------- INSERT … SELECT


def _inserted(text: str, parts: list[scan.Token], *, bound: bool) -> Counting:
    """With ON DUPLICATE KEY UPDATE a row may be met twice, or left as it is."""
    query = source_of_insert(text, parts)
    if query is None:
        raise Uncountable
    begin, end = query
    inside = [token for token in parts if begin <= token.start < end]
    upsert = first_of(parts, "DUPLICATE", after=end) is not None
    return Counting(_of(_bare(text, inside, begin, end)), bound or upsert)


def _bare(text: str, inside: Sequence[scan.Token], begin: int, end: int) -> str:
    """The query without its list, which needn't be worked out, wherever that leaves as many rows."""
    top = [token for token in inside if token.depth == 0 and token.kind is scan.TokenKind.WORD]
    words = {token.text for token in top}
    source = next((token for token in top if token.text == "FROM"), None)
    listed = [token for token in inside if source is not None and token.end <= source.start]
    called = {token.text for token in listed if token.kind is scan.TokenKind.WORD}
    falling = {"DISTINCT", "DISTINCTROW", "GROUP", "HAVING"} | SET_OPERATORS
    if source is None or words & falling or called & AGGREGATES:
        return text[begin:end]
    order = next((token for token in top if token.text == "ORDER" and token.start > source.start), None)
    if order is None:
        return f"SELECT 1 {text[source.start : end]}"
    limit = next((token for token in top if token.text == "LIMIT" and token.start > order.start), None)
    return f"SELECT 1 {text[source.start : order.start]} {text[limit.start : end] if limit else ''}"


# ---------------------------------------------------------------- UPDATE and DELETE


def _changed(wire: Wire, statement: Statement, parts: list[scan.Token], *, bound: bool) -> Counting:
    found = clauses(statement.text, statement.operation, parts)
    if found is None:
        raise Uncountable
    sources = [token for token in parts if found.begin <= token.start < found.end and token.depth == 0]
    if found.named is None and not any(token.text in _JOINING for token in sources):
        return Counting(_of(f"SELECT 1 FROM {found.sources(statement.text)}\n{found.tail}"), bound)
    if first_of(parts, "LIMIT", "ORDER", after=found.end) is not None:
        raise Uncountable
    tokens = lexicon.lexer(MYSQL, None).significant(statement.text)
    query = read_query(tokens, GRAMMAR, statement.text)
    if query is None:
        raise Uncountable
    if found.named is not None:
        uses = [_use(query, name) for name in _named(parts, found.named)]
    elif statement.operation == "DELETE":
        uses = list(query.target_uses)
    else:
        uses = [_assigned(wire, query, assignment.column) for assignment in query.assignments]
    changed = list(dict.fromkeys(uses))
    if not changed or len({use.ref.name.casefold() for use in changed}) < len(changed):
        raise Uncountable  # under two names a row may be met twice
    numbers = " + ".join(_number(wire, use) for use in changed)
    return Counting(f"SELECT {numbers} FROM {found.sources(statement.text)}\n{found.tail}", bound)


def _number(wire: Wire, use: TableUse) -> str:
    """How many rows of one table are met: those that an outer join makes up have no key and don't count."""
    key = _primary_key(wire, use)
    if not key:
        raise Uncountable
    name = quote(use.alias or use.ref.name)
    return f"COUNT(DISTINCT {', '.join(f'{name}.{quote(column)}' for column in key)})"


def _primary_key(wire: Wire, use: TableUse) -> list[str]:
    rows = wire.query(
        "SELECT column_name FROM information_schema.statistics WHERE index_name = 'PRIMARY' "
        "AND table_schema = COALESCE(%s, DATABASE()) AND table_name = %s ORDER BY seq_in_index",
        (use.ref.database, use.ref.name),
    )
    return [row[0] or "" for row in rows]


def _assigned(wire: Wire, query: Query, column: ColumnUse) -> TableUse:
    """The table that holds the column, by its name there or by the catalogue."""
    if column.qualifier:
        return _use(query, column.qualifier)
    owners = [use for use in query.target_uses if _holds(wire, use, column.name)]
    if len(owners) != 1:
        raise Uncountable
    return owners[0]


def _holds(wire: Wire, use: TableUse, column: str) -> bool:
    sql = (
        "SELECT 1 FROM information_schema.columns WHERE table_schema = COALESCE(%s, DATABASE()) "
        "AND table_name = %s AND column_name = %s"
    )
    return wire.value(sql, (use.ref.database, use.ref.name, column)) is not None


def _use(query: Query, name: str) -> TableUse:
    folded = name.casefold()
    found = [use for use in query.target_uses if (use.alias or use.ref.name).casefold() == folded]
    if len(found) != 1:
        raise Uncountable
    return found[0]


def _named(parts: list[scan.Token], span: tuple[int, int]) -> Iterator[str]:
    """The tables of ``DELETE a, db.b.* FROM``: the last name of each."""
    inside = [token for token in parts if span[0] <= token.start < span[1]]
    name = ""
    for token in inside:
        if token.text == "," and token.kind is scan.TokenKind.OTHER:
            yield name
        elif token.kind in (scan.TokenKind.WORD, scan.TokenKind.QUOTED):
            name = token.text
    yield name
