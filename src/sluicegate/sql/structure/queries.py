"""SELECT, INSERT, REPLACE, UPDATE, DELETE and MERGE, read into values: as much as rules ask about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sluicegate.sql.model import ObjectRef

ROWS_KEPT: Final = 20  # of a VALUES list; whoever looks at values looks at these


class Place(StrEnum):
    """Where a SELECT stands in its statement."""

    MAIN = "main"
    SET_OPERATION = "set_operation"  # a further branch of UNION, EXCEPT, INTERSECT
    CTE = "cte"
    FROM = "from"
    SELECT_LIST = "select"
    WHERE = "where"
    HAVING = "having"
    ON = "on"
    SET = "set"  # the value of an assignment
    VALUES = "values"
    INSERT = "insert"  # INSERT … SELECT
    OTHER = "other"  # GROUP BY, ORDER BY, RETURNING …


class OperandKind(StrEnum):
    COLUMN = "column"
    NUMBER = "number"
    STRING = "string"
    NULL = "null"
    PARAMETER = "parameter"
    LIST = "list"  # IN (…, …)
    QUERY = "query"
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column as named: ``qualifier`` is the alias or table before the dot, "" when there is none."""

    name: str
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left`` operator ``right`` in a WHERE, ON or HAVING.

    Attributes:
        column: the column on either side, None when neither side is about one; when both are, the left.
        function: upper-case name of the function (or CAST, +, - …) around the column, "" when it is bare.
        operator: upper case: =, <>, <, >, <=, >=, <=>, IN, LIKE, ILIKE, REGEXP, BETWEEN, IS, EXISTS …
        negated: NOT IN, NOT LIKE, <>, NOT before it.
        other: what it is compared with; ``other_column`` when that is a column.
        value: the literal as a value without quotes for STRING and NUMBER, "" otherwise.
        items: how many elements the list has, 0 for anything else.
        alternative: it is one branch of an OR.
        select: number of the SELECT in ``Query.selects`` whose condition it is in, -1 for the condition of the
            UPDATE or DELETE itself, None when the reader doesn't say.
    """

    column: ColumnUse | None
    operator: str
    other: OperandKind
    function: str = ""
    other_column: ColumnUse | None = None
    value: str = ""
    items: int = 0
    negated: bool = False
    alternative: bool = False
    place: Place = Place.WHERE
    at: int = -1
    select: int | None = None


@dataclass(frozen=True, slots=True)
class TableUse:
    """A table in a FROM, UPDATE or USING. ``ref.name`` may be a common table expression (``cte``)."""

    ref: ObjectRef
    alias: str = ""
    cte: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class Join:
    """``kind``: INNER, LEFT, RIGHT, FULL, CROSS, NATURAL, COMMA, STRAIGHT. ``conditional``: ON or USING."""

    kind: str
    conditional: bool
    lateral: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class SelectItem:
    """``star``: ``*`` or ``t.*``; ``alias`` as written after AS or without it, "" when there is none;
    ``column`` when the item is a bare column; ``function`` the outermost call's upper-case name;
    ``argument`` of that call: "*" or the name of a bare column, "" for anything else."""

    star: bool = False
    column: ColumnUse | None = None
    alias: str = ""
    alias_quoted: bool = False
    function: str = ""
    at: int = -1
    argument: str = ""


@dataclass(frozen=True, slots=True)
class OrderItem:
    """``random``: RAND(), RANDOM(), NEWID() …; ``position``: ordered by a number."""

    column: ColumnUse | None = None
    random: bool = False
    position: int | None = None
    descending: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class Select:
    """One SELECT. ``limit``/``offset``: the number, -1 when it is there but no plain number, None when
    there is none. ``correlated``: it names tables of a SELECT around it. ``group_positions``: GROUP BY by
    number."""

    place: Place
    depth: int  # 0 for the main one
    items: tuple[SelectItem, ...] = ()
    tables: tuple[TableUse, ...] = ()
    joins: tuple[Join, ...] = ()
    where: bool = False
    distinct: bool = False
    group_by: tuple[ColumnUse, ...] = ()
    grouped: bool = False
    having: bool = False
    order_by: tuple[OrderItem, ...] = ()
    limit: int | None = None
    offset: int | None = None
    locking: str = ""  # FOR UPDATE, FOR SHARE …
    aggregates: bool = False
    at: int = -1
    correlated: bool = False
    group_positions: bool = False


@dataclass(frozen=True, slots=True)
class SetOperation:
    """UNION, EXCEPT, INTERSECT, MINUS; ``all`` when said."""

    operator: str
    all: bool
    at: int = -1


@dataclass(frozen=True, slots=True)
class CommonTable:
    name: str
    recursive: bool = False
    writes: bool = False  # a data-modifying one
    at: int = -1


@dataclass(frozen=True, slots=True)
class Literal:
    """One value of a row; ``text`` as in Comparison.value."""

    kind: OperandKind
    text: str = ""
    at: int = -1


@dataclass(frozen=True, slots=True)
class Assignment:
    """column = value of UPDATE … SET or of ON DUPLICATE/ON CONFLICT (``upsert``); ``other`` when the value is
    a bare column."""

    column: ColumnUse
    value: OperandKind
    literal: str = ""
    upsert: bool = False
    at: int = -1
    other: ColumnUse | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One data statement.

    Attributes:
        verb: SELECT, INSERT, REPLACE, UPDATE, DELETE, MERGE, VALUES, TABLE.
        targets: the tables written, in order (several for multi-table forms).
        target_uses: the tables of UPDATE's and DELETE's own FROM/UPDATE/USING part, with aliases.
        joins: those of UPDATE's and DELETE's own table part.
        columns: of INSERT's column list, None when it has none.
        rows: of VALUES in an INSERT (or a VALUES query), None when the rows come from a query.
        row_lengths: the distinct numbers of values per row.
        where, limit, order_by: of UPDATE and DELETE themselves; ``limit`` as in Select.
        ignore: INSERT/UPDATE/DELETE IGNORE, INSERT OR IGNORE, ON CONFLICT DO NOTHING without a target.
        upsert: "", "UPDATE" or "NOTHING".
        literals_matter: something in it that rules may judge hangs on the value of a literal (OFFSET, a LIMIT
            without order, a pattern), so that a statement of the same shape may be judged otherwise.
        functions: upper-case names of the functions called anywhere in it, each once.
        values: the first ROWS_KEPT rows of VALUES in an INSERT.
    """

    verb: str
    targets: tuple[ObjectRef, ...] = ()
    target_uses: tuple[TableUse, ...] = ()
    joins: tuple[Join, ...] = ()
    selects: tuple[Select, ...] = ()
    set_operations: tuple[SetOperation, ...] = ()
    ctes: tuple[CommonTable, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    columns: tuple[str, ...] | None = None
    rows: int | None = None
    row_lengths: tuple[int, ...] = ()
    where: bool = False
    limit: int | None = None
    order_by: tuple[OrderItem, ...] = ()
    ignore: bool = False
    upsert: str = ""
    returning: bool = False
    literals_matter: bool = False
    at: int = -1
    functions: tuple[str, ...] = ()
    values: tuple[tuple[Literal, ...], ...] = ()

    @property
    def main(self) -> Select | None:
        """The outermost SELECT of a SELECT statement or of INSERT … SELECT."""
        return next((select for select in self.selects if select.depth == 0), None)
