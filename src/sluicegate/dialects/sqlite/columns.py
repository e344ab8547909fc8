"""Columns and constraints of SQLite's CREATE TABLE and ALTER TABLE ADD COLUMN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sluicegate.dialects.sqlite.functions import VOLATILE
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.grammar import is_name, unquote
from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.structure.definitions import (
    Check,
    Column,
    ColumnType,
    Expression,
    ExpressionKind,
    ForeignKey,
    Index,
    IndexKind,
    KeyPart,
    Table,
)
from sluicegate.sql.tokens import NUMBER, STRING, WORD
from sluicegate.sql.words import words

_CONSTRAINTS: Final = words(
    "CONSTRAINT PRIMARY NOT NULL UNIQUE CHECK DEFAULT COLLATE REFERENCES GENERATED AS FOREIGN ON"
)
_NOW: Final = frozenset({"CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"})
_RANDOM: Final = frozenset({"RANDOM", "RANDOMBLOB"})


class ColumnReader:
    """Reads at the cursor, and keeps what the table consists of."""

    def __init__(self, script: str, cursor: Cursor) -> None:
        self.script = script
        self.cursor = cursor
        self.found: list[Column] = []
        self.indexes: list[Index] = []
        self.foreign_keys: list[ForeignKey] = []
        self.checks: list[Check] = []

    def table(self, ref: ObjectRef, options: dict[str, str]) -> Table:
        primary = {
            column.casefold()
            for index in self.indexes
            if index.kind is IndexKind.PRIMARY
            for column in index.columns
        }
        columns = [
            replace(column, primary=True) if column.name.casefold() in primary else column
            for column in self.found
        ]
        if "WITHOUT_ROWID" in options:  # there a primary key can't be NULL
            columns = [replace(column, nullable=False) if column.primary else column for column in columns]
        return Table(
            ref,
            tuple(columns),
            tuple(self.indexes),
            tuple(self.foreign_keys),
            tuple(self.checks),
            options,
        )

    # ---------------------------------------------------------------- names and text

    def name(self) -> str:
        """The name at the cursor (a string may be one), "" when there is none."""
        token = self.cursor.token()
        if not is_name(token) and token.kind != STRING:
            return ""
        self.cursor.i += 1
        return unquote(token)

    def ref(self, kind: str = "table", access: Access = Access.WRITE) -> ObjectRef | None:
        first = self.name()
        if not first:
            return None
        if self.cursor.accept("."):
            return ObjectRef(self.name(), kind, access, schema=first)
        return ObjectRef(first, kind, access)

    def names(self) -> tuple[str, ...]:
        """A list of names in parentheses."""
        cursor = self.cursor
        found: list[str] = []
        cursor.accept("(")
        while not cursor.done and cursor.key() != ")":
            name = self.name()
            if name:
                found.append(name)
            else:
                cursor.i += 1
        cursor.accept(")")
        return tuple(found)

    def text(self, i: int, end: int) -> str:
        """The script from the token at ``i`` to the one before ``end``."""
        tokens = self.cursor.tokens
        return self.script[tokens[i].start : tokens[end - 1].end] if i < end <= len(tokens) else ""

    def _parenthesis(self) -> str:
        """What stands in the parenthesis at the cursor, which is stepped over."""
        cursor = self.cursor
        begin = cursor.i + 1
        cursor.skip_parenthesis()
        return self.text(begin, cursor.i - 1)

    # ---------------------------------------------------------------- the list of a table

    def table_body(self) -> None:
        cursor = self.cursor
        if not cursor.accept("("):
            return
        while not cursor.done and cursor.key() != ")":
            before = cursor.i
            if not self._table_constraint():
                column = self.column()
                if column is not None:
                    self.found.append(column)
            if cursor.i == before:
                cursor.i += 1
            cursor.accept(",")
        cursor.accept(")")

    def _table_constraint(self) -> bool:
        cursor = self.cursor
        at = cursor.token().start
        name = ""
        if cursor.key() == "CONSTRAINT" and (is_name(cursor.token(1)) or cursor.token(1).kind == STRING):
            cursor.i += 1
            name = self.name()
        found = True
        if cursor.key() == "PRIMARY" and cursor.key(1) == "KEY":
            cursor.i += 2
            self._key(IndexKind.PRIMARY, name, at)
        elif cursor.key() == "UNIQUE" and cursor.key(1) == "(":
            cursor.i += 1
            self._key(IndexKind.UNIQUE, name, at)
        elif cursor.key() == "CHECK" and cursor.key(1) == "(":
            cursor.i += 1
            self.checks.append(Check(self._parenthesis(), name or None, at=at))
        elif cursor.accept("FOREIGN", "KEY"):
            columns = self.names()
            if cursor.accept("REFERENCES"):
                self.foreign_keys.append(self._reference(columns, name, at))
        else:
            found = bool(name)
        if found:
            self._conflict()
        return found

    def _key(self, kind: IndexKind, name: str, at: int) -> None:
        parts = self.key_parts()
        self.indexes.append(Index(kind, parts, name or None, constraint=True, at=at))

    def _conflict(self) -> None:
        if self.cursor.accept("ON", "CONFLICT"):
            self.cursor.i += 1

    def key_parts(self) -> tuple[KeyPart, ...]:
        """The columns and expressions of an index."""
        cursor = self.cursor
        parts: list[KeyPart] = []
        if not cursor.accept("("):
            return ()
        while not cursor.done and cursor.key() != ")":
            begin = cursor.i
            while not cursor.done and cursor.key() not in (",", ")"):
                if cursor.key() == "(":
                    cursor.skip_parenthesis()
                else:
                    cursor.i += 1
            parts.append(self._part(begin, cursor.i))
            cursor.accept(",")
        cursor.accept(")")
        return tuple(part for part in parts if part.column or part.expression)

    def _part(self, i: int, end: int) -> KeyPart:
        tokens = self.cursor.tokens
        if end > i and tokens[end - 1].key == "AUTOINCREMENT":
            end -= 1
        descending = end > i and tokens[end - 1].key == "DESC"
        if end > i and tokens[end - 1].key in ("ASC", "DESC"):
            end -= 1
        bare = end - 2 if end - i > 2 and tokens[end - 2].key == "COLLATE" else end
        if bare - i == 1 and (is_name(tokens[i]) or tokens[i].kind == STRING):
            return KeyPart(unquote(tokens[i]), descending=descending)
        return KeyPart("", self.text(i, end), descending=descending)

    def _reference(self, columns: tuple[str, ...], name: str, at: int) -> ForeignKey:
        """Behind REFERENCES."""
        cursor = self.cursor
        parent = self.ref(access=Access.READ) or ObjectRef("")
        referenced = self.names() if cursor.key() == "(" else ()
        events = {"DELETE": "", "UPDATE": ""}
        while True:
            if cursor.key() == "ON" and cursor.key(1) in events:
                event = cursor.key(1)
                cursor.i += 2
                action = cursor.next().key
                events[event] = f"{action} {cursor.next().key}" if action in ("SET", "NO") else action
            elif cursor.accept("MATCH"):
                cursor.i += 1
            elif cursor.key() == "DEFERRABLE" or (cursor.key() == "NOT" and cursor.key(1) == "DEFERRABLE"):
                cursor.accept("NOT")
                cursor.i += 1
                if cursor.accept("INITIALLY"):
                    cursor.i += 1
            else:
                break
        return ForeignKey(
            columns, parent, referenced, name or None, events["DELETE"], events["UPDATE"], at=at
        )

    # ---------------------------------------------------------------- one column

    def column(self) -> Column | None:
        cursor = self.cursor
        at = cursor.token().start
        name = self.name()
        if not name:
            return None
        column = Column(name, self._type(), at=at)
        constraint = ""
        while not cursor.done and cursor.key() not in (",", ")"):
            if cursor.key() == "CONSTRAINT":
                cursor.i += 1
                constraint = self.name()
                continue
            handler = _COLUMN_PARTS.get(cursor.key())
            start = cursor.token().start
            cursor.i += 1
            if handler is not None:
                column = handler(self, column, constraint, start)
                constraint = ""
        return column

    def _type(self) -> ColumnType | None:
        cursor = self.cursor
        names: list[str] = []
        while True:
            token = cursor.token()
            if token.kind == WORD and token.key in _CONSTRAINTS:
                break
            if not is_name(token) and token.kind != STRING:
                break
            names.append(unquote(token).upper())
            cursor.i += 1
        if not names:
            return None
        arguments: list[str] = []
        if cursor.key() == "(":
            arguments = [part.strip() for part in self._parenthesis().split(",")]
        # UNSIGNED is a word of the name like any other: it means nothing to SQLite.
        return ColumnType(" ".join(names), tuple(part for part in arguments if part))

    def _primary(self, column: Column, constraint: str, at: int) -> Column:
        cursor = self.cursor
        cursor.accept("KEY")
        descending = cursor.accept_any({"ASC", "DESC"}) == "DESC"
        self._conflict()
        counts = cursor.accept("AUTOINCREMENT")
        part = KeyPart(column.name, descending=descending)
        self.indexes.append(Index(IndexKind.PRIMARY, (part,), constraint or None, constraint=True, at=at))
        return replace(column, primary=True, auto_increment=counts)

    def _unique(self, column: Column, constraint: str, at: int) -> Column:
        self._conflict()
        part = (KeyPart(column.name),)
        self.indexes.append(Index(IndexKind.UNIQUE, part, constraint or None, constraint=True, at=at))
        return replace(column, unique=True)

    def _not(self, column: Column, _constraint: str, _at: int) -> Column:
        if not self.cursor.accept("NULL"):
            return column
        self._conflict()
        return replace(column, nullable=False)

    def _null(self, column: Column, _constraint: str, _at: int) -> Column:
        self._conflict()
        return replace(column, nullable=True)

    def _check(self, column: Column, constraint: str, at: int) -> Column:
        self.checks.append(Check(self._parenthesis(), constraint or None, at=at))
        return column

    def _default(self, column: Column, _constraint: str, _at: int) -> Column:
        cursor = self.cursor
        begin = cursor.i
        if cursor.key() == "(":
            cursor.skip_parenthesis()
        else:
            cursor.i += 2 if cursor.key() in ("-", "+") else 1
        return replace(column, default=self._expression(begin, cursor.i))

    def _collate(self, column: Column, _constraint: str, _at: int) -> Column:
        return replace(column, collation=self.name())

    def _references(self, column: Column, constraint: str, at: int) -> Column:
        self.foreign_keys.append(self._reference((column.name,), constraint, at))
        return column

    def _generated(self, column: Column, _constraint: str, _at: int) -> Column:
        """Behind GENERATED or AS."""
        cursor = self.cursor
        cursor.accept("ALWAYS")
        cursor.accept("AS")
        begin = cursor.i + 1
        cursor.skip_parenthesis()
        expression = self._expression(begin, cursor.i - 1)
        stored = cursor.accept_any({"STORED", "VIRTUAL"}) == "STORED"
        return replace(column, generated=expression, stored=stored)

    def _expression(self, i: int, end: int) -> Expression:
        tokens = self.cursor.tokens[i:end]
        text = self.text(i, end)
        keys = {token.key for token in tokens if token.kind == WORD}
        bare = [token for token in tokens if token.key not in ("(", ")", "-", "+")]
        if keys == {"NULL"}:
            kind = ExpressionKind.NULL
        elif all(token.kind in (NUMBER, STRING) or token.key in ("TRUE", "FALSE") for token in bare):
            kind = ExpressionKind.LITERAL
        elif keys & _RANDOM:
            kind = ExpressionKind.VOLATILE
        elif keys & (_NOW | VOLATILE):
            kind = ExpressionKind.NOW
        elif len(bare) == 1 and is_name(bare[0]):
            kind = ExpressionKind.LITERAL  # SQLite takes a name for a string
        else:
            kind = ExpressionKind.STABLE
        return Expression(text, kind)


_COLUMN_PARTS: Final[dict[str, Callable[[ColumnReader, Column, str, int], Column]]] = {
    "PRIMARY": ColumnReader._primary,
    "UNIQUE": ColumnReader._unique,
    "NOT": ColumnReader._not,
    "NULL": ColumnReader._null,
    "CHECK": ColumnReader._check,
    "DEFAULT": ColumnReader._default,
    "COLLATE": ColumnReader._collate,
    "REFERENCES": ColumnReader._references,
    "GENERATED": ColumnReader._generated,
    "AS": ColumnReader._generated,
}
