"""CREATE, ALTER and DROP of SQLite, read into values; source: https://sqlite.org/lang.html.

What SQLite would refuse anyway may be read in any way; what isn't understood is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sluicegate.dialects.sqlite.columns import ColumnReader
from sluicegate.dialects.sqlite.functions import GRAMMAR
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.query_structure import read_query
from sluicegate.sql.structure.definitions import (
    Action,
    AddCheck,
    AddColumn,
    AddForeignKey,
    AlterTable,
    Column,
    CreateIndex,
    CreateRoutine,
    CreateTable,
    CreateView,
    Definitions,
    DropColumn,
    DropIndex,
    DropObject,
    DropTable,
    Index,
    IndexKind,
    Maintenance,
    RenameColumn,
    RenameTo,
    Table,
)
from sluicegate.sql.tokens import Token

_TEMPORARY: Final = frozenset({"TEMP", "TEMPORARY"})


def read_definition(script: str, tokens: Sequence[Token]) -> Definitions | None:
    """None for what defines nothing, or isn't understood."""
    cursor = Cursor(tokens)
    handler = _STATEMENTS.get(cursor.key())
    if handler is None:
        return None
    at = cursor.token().start
    cursor.i += 1
    found = handler(_Statement(script, cursor))
    return None if found is None else replace(found, at=at)


class _Statement:
    def __init__(self, script: str, cursor: Cursor) -> None:
        self.script = script
        self.cursor = cursor
        self.columns = ColumnReader(script, cursor)

    def _ref(self, kind: str = "table", access: Access = Access.WRITE) -> ObjectRef | None:
        return self.columns.ref(kind, access)

    def _exists(self) -> bool:
        return self.cursor.if_exists()

    # ---------------------------------------------------------------- CREATE

    def create(self) -> Definitions | None:
        cursor = self.cursor
        temporary = bool(cursor.accept_any(_TEMPORARY))
        unique = cursor.accept("UNIQUE")
        virtual = cursor.accept("VIRTUAL")
        kind = cursor.next().key
        optional = self._exists()
        if kind == "TABLE":
            return self._create_table(temporary=temporary, virtual=virtual, optional=optional)
        if kind == "INDEX":
            return self._create_index(unique=unique, optional=optional)
        if kind == "VIEW":
            return self._create_view()
        return self._create_trigger() if kind == "TRIGGER" else None

    def _create_table(self, *, temporary: bool, virtual: bool, optional: bool) -> CreateTable | None:
        cursor = self.cursor
        ref = self._ref()
        if ref is None:
            return None
        if virtual or cursor.key() == "AS":
            options = {"VIRTUAL": cursor.token(1).text} if virtual else {}
            return CreateTable(
                Table(ref, options=options), if_not_exists=optional, temporary=temporary, as_query=True
            )
        self.columns.table_body()
        table = self.columns.table(ref, self._options())
        return CreateTable(table, if_not_exists=optional, temporary=temporary)

    def _options(self) -> dict[str, str]:
        cursor = self.cursor
        options: dict[str, str] = {}
        while not cursor.done:
            if cursor.accept("WITHOUT"):
                options["WITHOUT_ROWID"] = "1"
            elif cursor.key() == "STRICT":
                options["STRICT"] = "1"
            cursor.i += 1
        return options

    def _create_index(self, *, unique: bool, optional: bool) -> CreateIndex | None:
        cursor = self.cursor
        name = self._ref("index")
        if name is None or not cursor.accept("ON"):
            return None
        table = self._ref()
        if table is None:
            return None
        if table.schema is None and name.schema is not None:
            table = replace(table, schema=name.schema)
        at = cursor.token().start
        parts = self.columns.key_parts()
        where = self.columns.text(cursor.i + 1, cursor.end) if cursor.key() == "WHERE" else ""
        kind = IndexKind.UNIQUE if unique else IndexKind.PLAIN
        index = Index(kind, parts, name.name, where=where, at=at)
        return CreateIndex(table, index, if_not_exists=optional)

    def _create_view(self) -> CreateView | None:
        ref = self._ref("view")
        if ref is None:
            return None
        if self.cursor.key() == "(":
            return CreateView(ref, columns=self.columns.names())
        query = None
        if self.cursor.accept("AS"):
            query = read_query(self.cursor.tokens[self.cursor.i : self.cursor.end], GRAMMAR)
        return CreateView(ref, select=query.main if query is not None else None)

    def _create_trigger(self) -> CreateRoutine | None:
        cursor = self.cursor
        ref = self._ref("trigger")
        if ref is None:
            return None
        while not cursor.done and cursor.key() not in ("ON", "BEGIN"):
            cursor.i += 1
        table = self._ref() if cursor.accept("ON") else None
        return CreateRoutine(ref, table=table, language="sql")

    # ---------------------------------------------------------------- ALTER

    def alter(self) -> AlterTable | None:
        cursor = self.cursor
        ref = self._ref() if cursor.accept("TABLE") else None
        if ref is None:
            return None
        at = cursor.token().start
        verb = cursor.next().key
        actions: Sequence[Action] = ()
        if verb == "RENAME":
            actions = self._rename(at)
        elif verb == "ADD":
            actions = self._add(at)
        elif verb == "DROP":
            cursor.accept("COLUMN")
            name = self.columns.name()
            actions = (DropColumn(name, at=at),) if name else ()
        return AlterTable(ref, tuple(actions)) if actions else None

    def _rename(self, at: int) -> Sequence[Action]:
        cursor = self.cursor
        if cursor.accept("TO"):
            to = self._ref()
            return () if to is None else (RenameTo(to, at=at),)
        if cursor.key(1) != "TO":
            cursor.accept("COLUMN")
        name = self.columns.name()
        to_name = self.columns.name() if cursor.accept("TO") else ""
        return (RenameColumn(name, to_name, at=at),) if name and to_name else ()

    def _add(self, at: int) -> Sequence[Action]:
        self.cursor.accept("COLUMN")
        column: Column | None = self.columns.column()
        if column is None:
            return ()
        return (
            AddColumn(column, at=at),
            *(AddForeignKey(key, at=at) for key in self.columns.foreign_keys),
            *(AddCheck(check, at=at) for check in self.columns.checks),
        )

    # ---------------------------------------------------------------- DROP and the rest

    def drop(self) -> Definitions | None:
        kind = self.cursor.next().key
        if kind not in ("TABLE", "INDEX", "VIEW", "TRIGGER"):
            return None
        optional = self._exists()
        ref = self._ref(kind.lower())
        if ref is None:
            return None
        if kind == "TABLE":
            return DropTable((ref,), if_exists=optional)
        if kind == "INDEX":
            return DropIndex((ref,), if_exists=optional)
        return DropObject((ref,), if_exists=optional)

    def maintenance(self) -> Maintenance:
        verb = self.cursor.token(-1).key
        ref = self._ref()
        return Maintenance(verb, () if ref is None else (ref,), full=verb == "VACUUM")


_STATEMENTS: Final[dict[str, Callable[[_Statement], Definitions | None]]] = {
    "CREATE": _Statement.create,
    "ALTER": _Statement.alter,
    "DROP": _Statement.drop,
    **dict.fromkeys(("VACUUM", "REINDEX", "ANALYZE"), _Statement.maintenance),
}
