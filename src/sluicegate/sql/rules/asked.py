"""What a query or a change of data says of its tables: helps rules that look at ``Query``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.rules.base import SQLITE, Options, Subject
from sluicegate.sql.structure.definitions import Column, Table
from sluicegate.sql.structure.queries import (
    ColumnUse,
    Comparison,
    OperandKind,
    Place,
    Query,
    Select,
    TableUse,
)
from sluicegate.sql.words import words

OWN: Final = -1  # Comparison.select of the condition of the UPDATE or DELETE itself
MAX_TABLES: Final = 100  # in one FROM; beyond it nobody asks which one a column is of
CHANGES: Final = frozenset({"UPDATE", "DELETE"})
INSERTS: Final = frozenset({"INSERT", "REPLACE"})
TEXTS: Final = words("CHAR VARCHAR TEXT TINYTEXT MEDIUMTEXT LONGTEXT NCHAR NVARCHAR CHARACTER BPCHAR") | {
    "CHARACTER VARYING",
    "NATIONAL CHARACTER",
}
INTEGERS: Final = {
    "TINYINT": 8, "SMALLINT": 16, "INT2": 16, "SMALLSERIAL": 16, "MEDIUMINT": 24, "INT": 32, "INTEGER": 32, "INT4": 32,
    "SERIAL": 32, "BIGINT": 64, "INT8": 64, "BIGSERIAL": 64,
}  # fmt: skip
NUMBERS: Final = (
    frozenset(INTEGERS)
    | words("DECIMAL NUMERIC DEC FIXED FLOAT DOUBLE REAL FLOAT4 FLOAT8")
    | {"DOUBLE PRECISION"}
)
PLACES: Final = ("None", "Any", "select", "from", "where", "having", "on", "set", "values", "cte", "other")


def asked(subject: Subject) -> Query | None:
    structure = subject.structure
    return structure if isinstance(structure, Query) else None


def queried(subject: Subject) -> Select | None:
    """The outermost SELECT of a statement that only asks."""
    query = asked(subject)
    return query.main if query is not None and query.verb == "SELECT" else None


def conditions(query: Query, select: int | None = None) -> Iterator[Comparison]:
    """The comparisons of one SELECT, or of the UPDATE or DELETE itself (OWN); of all when None."""
    for comparison in query.comparisons:
        if select is None or comparison.select is None or comparison.select == select:
            yield comparison


def conditions_by_select(query: Query) -> dict[int, list[Comparison]]:
    """The comparisons of each SELECT and of the change itself (OWN); those that nobody says whose they are
    count as OWN."""
    found: dict[int, list[Comparison]] = {}
    for comparison in query.comparisons:
        found.setdefault(OWN if comparison.select is None else comparison.select, []).append(comparison)
    return found


def uses(query: Query, select: int | None) -> tuple[TableUse, ...]:
    """The tables that the columns of this SELECT (or of the change itself) come from."""
    if select == OWN or (select is None and query.verb in CHANGES):
        return query.target_uses
    if select is None:
        return query.selects[0].tables if len(query.selects) == 1 else ()
    return query.selects[select].tables if select < len(query.selects) else ()


def known(subject: Subject, use: TableUse) -> Table | None:
    if use.cte:
        return None
    found = subject.table(use.ref)
    return found if isinstance(found, Table) else None


def column_of(
    subject: Subject, query: Query, column: ColumnUse, select: int | None
) -> tuple[Table, Column] | None:
    """Which column of which table is meant; None unless that is certain."""
    candidates = uses(query, select)
    if len(candidates) > MAX_TABLES:
        return None
    if column.qualifier:
        folded = column.qualifier.casefold()
        candidates = tuple(use for use in candidates if (use.alias or use.ref.name).casefold() == folded)
    tables = [known(subject, use) for use in candidates]
    if not tables or None in tables:
        return None
    found = [
        (table, definition)
        for table in tables
        if table is not None and (definition := table.column(column.name)) is not None
    ]
    return found[0] if len(found) == 1 else None


def target(subject: Subject) -> Table | None:
    """The one table that is written, when it is known."""
    query = asked(subject)
    if query is None or len(query.targets) != 1:
        return None
    found = subject.table(query.targets[0])
    return found if isinstance(found, Table) else None


def leads_index(table: Table, name: str) -> bool:
    """Whether an index begins with this column."""
    folded = name.casefold()
    return any(index.parts and index.parts[0].column.casefold() == folded for index in table.indexes)


def has_expression_index(table: Table) -> bool:
    return any(not part.column for index in table.indexes for part in index.parts)


def by_key(table: Table, found: Iterable[Comparison]) -> bool:
    """Whether the conditions name single rows: every column of a unique index is compared with values."""
    fixed = {
        one.column.name.casefold()
        for one in found
        if one.column is not None
        and not (one.function or one.negated or one.alternative)
        and one.operator in ("=", "<=>", "IN", "==")
    }
    return any(
        index.unique
        and not index.where
        and index.columns
        and {column.casefold() for column in index.columns} <= fixed
        for index in table.indexes
    )


def name(column: ColumnUse) -> str:
    return f"{column.qualifier}.{column.name}" if column.qualifier else column.name


def has_trigger(subject: Subject, ref: ObjectRef) -> bool:
    """Whether something is known to run before or after rows of this table are written, which may fill in
    what the statement leaves out."""
    known_to = (subject.script.known, subject.context.known)
    return any(
        definition.kind in ("trigger", "rule")
        for objects in known_to
        if objects is not None
        for definition in objects.of(ref)
    )


def is_text(column: Column) -> bool:
    return column.type is not None and column.type.name in TEXTS


def is_number(column: Column) -> bool:
    return column.type is not None and column.type.name in NUMBERS


def written_columns(subject: Subject) -> tuple[str, ...] | None:
    """The columns that an INSERT fills: those it lists, or all of the table; None when unknown."""
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return None
    if query.columns is not None:
        return query.columns
    table = target(subject)
    if table is None or table.view or any(column.invisible for column in table.columns):
        return None
    # SQLite leaves generated columns out of the list that isn't written; the others want DEFAULT for them.
    every = subject.family != SQLITE
    return tuple(column.name for column in table.columns if every or column.generated is None)


def literals(subject: Subject) -> Iterator[tuple[Column, OperandKind, str, int]]:
    """(column, kind, value, place) of the values that a statement writes into columns of a known table."""
    query = asked(subject)
    table = target(subject)
    if query is None or table is None:
        return
    columns = written_columns(subject)
    if columns is not None:
        for row in query.values:
            for column, value in zip(columns, row, strict=False):
                definition = table.column(column)
                if definition is not None:
                    yield definition, value.kind, value.text, value.at
    for assignment in query.assignments:
        definition = table.column(assignment.column.name)
        if definition is not None:
            yield definition, assignment.value, assignment.literal, assignment.at


def sub_queries(query: Query) -> Iterator[Select]:
    """All SELECTs within another statement, branches of set operations and common tables aside."""
    return (
        select
        for select in query.selects
        if select.depth > 0 and select.place not in (Place.SET_OPERATION, Place.MAIN)
    )


def misplaced_subqueries(subject: Subject, options: Options, verb: str) -> Iterator[Note]:
    """What ``allow`` doesn't name, in a statement of this verb; the note is the rule's ``<verb>_SUBQUERY``."""
    query = asked(subject)
    if query is None or query.verb != verb:
        return
    for select in misplaced(query, options.words("allow")):
        yield Note(f"{verb}_SUBQUERY", select.at, select.place.value.upper())


def misplaced(query: Query, allowed: tuple[str, ...]) -> Iterator[Select]:
    """Sub-queries in places where a policy doesn't want them; ``allowed`` is None, Any, or places."""
    if "Any" in allowed:
        return
    for select in sub_queries(query):
        if select.place is Place.CTE and "cte" not in allowed and "None" in allowed:
            continue  # WITH has a rule of its own
        if select.place.value not in allowed:
            yield select
