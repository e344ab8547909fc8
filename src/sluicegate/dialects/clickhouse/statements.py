"""What a ClickHouse statement is, by its first words: an allow-list; everything else stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sluicegate.dialects.clickhouse.bodies import format_name
from sluicegate.dialects.clickhouse.ddl import DdlReader
from sluicegate.dialects.clickhouse.functions import CALLS, GRAMMAR, TABLE_FUNCTIONS
from sluicegate.dialects.clickhouse.prepare import prepared
from sluicegate.dialects.common.heads import Simple
from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import is_name, unquote
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.tokens import Token
from sluicegate.sql.words import words

_QUERY_STARTS: Final = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "("})
_EXPLAINS: Final = words("AST SYNTAX PLAN PIPELINE ESTIMATE QUERY TREE TABLE OVERRIDE")
_SECRET: Final = words(
    "query_log query_thread_log session_log users named_collections query_views_log text_log"
)
_ADMIN: Final = {
    "SYSTEM": "ADMIN_FUNC", "KILL": "ADMIN_FUNC", "BACKUP": "FILE_WRITE", "RESTORE": "FILE_READ", "MOVE": "PRIVILEGE",
    "EXPORT": "NETWORK",
}  # fmt: skip


def classify(tokens: Sequence[Token], facts: Facts) -> None:
    """Fill ``facts`` for one statement's significant tokens."""
    data = format_name(list(tokens))
    head = [token for token in tokens if data is None or token.start <= data.start]
    plain = prepared(head, facts)
    if not plain:
        facts.unknown()
        return
    _StatementReader(plain, facts).read()
    facts.transactional = False
    _note_table_functions(plain, facts)
    for ref in facts.objects:
        if (ref.database or "").lower() == "system" and ref.name.lower() in _SECRET:
            facts.note("SYSTEM_SCHEMA", plain[0].start, f"system.{ref.name}")
    if any(note.code == "UNKNOWN" for note in facts.notes):
        facts.kind = StatementKind.UNKNOWN
    if data is not None:
        facts.note("CLIENT_COMMAND", data.start, f"FORMAT {data.text}")


def _note_table_functions(tokens: Sequence[Token], facts: Facts) -> None:
    """A function that stands for a table reads or writes whatever it likes: one that isn't known is none of ours.
    A view with parameters looks like one, but that all of them are named."""
    for place in range(1, len(tokens) - 1):
        token = tokens[place]
        if tokens[place + 1].key != "(" or not is_name(token):
            continue
        before = tokens[place - 1].key
        name = unquote(token)
        if before == "AS":
            stands_for_table = facts.operation == "CREATE TABLE"
        else:
            stands_for_table = before in ("FROM", "JOIN", ",") and _read(name, facts)
        if not stands_for_table:
            continue
        known = (
            name.upper() in TABLE_FUNCTIONS
            or name.upper() in CALLS
            or token.key in GRAMMAR.before_parenthesis
        )
        if not known and not _all_named(tokens, place + 2):
            facts.unknown(token.start, f"{name}(…)"[:60])


def _read(name: str, facts: Facts) -> bool:
    return any(
        ref.name == name and ref.type == "table" and ref.access is Access.READ for ref in facts.objects
    )


def _all_named(tokens: Sequence[Token], start: int) -> bool:
    """``(a = 1, b = 'x')``."""
    depth, begins = 1, True
    for place in range(start, len(tokens)):
        key = tokens[place].key
        if begins and not (
            is_name(tokens[place]) and tokens[place + 1 : place + 2] and tokens[place + 1].key == "="
        ):
            return False
        begins = depth == 1 and key == ","
        depth += (key in ("(", "[")) - (key in (")", "]"))
        if depth == 0:
            return True
    return False


class _StatementReader(DdlReader):
    def read(self) -> None:
        first = self.cursor.key()
        if first in _QUERY_STARTS:
            self._query(first)
            return
        handler = _STATEMENTS.get(first)
        if handler is None:
            self.unknown()
            return
        self.facts.reusable = False
        self.cursor.i += 1
        handler(self)

    def _query(self, first: str) -> None:
        if first == "INSERT":
            self._without_function()
        elif first == "DELETE":
            self._without_partition()
        self.statement()
        if first in ("UPDATE", "DELETE") and self.facts.kind is StatementKind.DML:
            self.note("NON_TX", self.tokens[0], first, Severity.INFO)

    def _without_function(self) -> None:
        """INSERT INTO [TABLE] FUNCTION f(…): writes where the function says."""
        for place in (1, 2, 3):
            if place + 1 < len(self.tokens) and self.tokens[place].key == "FUNCTION":
                name = unquote(self.tokens[place + 1]).upper()
                if name not in CALLS:
                    self.facts.unknown(self.tokens[place].start, f"FUNCTION {name}")
                self.tokens = [*self.tokens[:place], *self.tokens[place + 1 :]]
                return

    def _without_partition(self) -> None:
        """DELETE FROM t IN PARTITION p WHERE …"""
        for place, token in enumerate(self.tokens[:-1]):
            if token.key == "WHERE":
                return
            if token.key == "IN" and self.tokens[place + 1].key == "PARTITION":
                end = next(
                    (there for there, part in enumerate(self.tokens) if part.key == "WHERE"), len(self.tokens)
                )
                self.tokens = [*self.tokens[:place], *self.tokens[end:]]
                return

    # ---------------------------------------------------------------- the rest

    def _show(self) -> None:
        facts = self.facts
        facts.kind = StatementKind.QUERY
        facts.operation = self.tokens[0].key
        if facts.operation in ("DESCRIBE", "DESC", "EXISTS", "CHECK", "WATCH"):
            self.cursor.accept_any({"TEMPORARY"})
            self.cursor.accept_any({"TABLE", "VIEW", "DICTIONARY", "DATABASE"})
            if self.cursor.key() != "(" and self.cursor.key(1) != "(":
                self.read_name(self.cursor.name())
        self.expression(1)

    def _explain(self) -> None:
        facts, cursor = self.facts, self.cursor
        while cursor.key() in _EXPLAINS:
            cursor.i += 1
        while not cursor.done and (cursor.key(1) == "=" or cursor.key() == ","):
            cursor.i += 1 if cursor.key() == "," else 3
        inner = Facts()
        _StatementReader(self.tokens[cursor.i :], inner).read()
        facts.kind = StatementKind.QUERY if inner.kind is not StatementKind.UNKNOWN else inner.kind
        facts.operation = "EXPLAIN"
        for ref in inner.objects:
            facts.add(ObjectRef(ref.name, ref.type, Access.READ, ref.schema, ref.database))
        facts.notes += [
            note for note in inner.notes if note.code in ("UNKNOWN", "TOO_COMPLEX", "STORED_CODE")
        ]

    def _use(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.SESSION
        facts.operation = "USE"
        name = cursor.name()
        if len(name) != 1 or not cursor.done:
            self.unknown()
            return
        facts.database = name[0]
        facts.add(ObjectRef(name[0], "database", Access.READ))
        self.note("SESSION_STATE", self.tokens[0], f"USE {name[0]}", Severity.WARNING)

    def _set(self) -> None:
        facts, cursor = self.facts, self.cursor
        if cursor.key() in ("ROLE", "DEFAULT"):
            self.simple(Simple(StatementKind.DCL, "PRIVILEGE"), "SET ROLE")
            return
        facts.kind = StatementKind.SESSION
        facts.operation = "SET"
        code = "TX_CONTROL" if cursor.key() == "TRANSACTION" else "SET_SESSION"
        self.note(code, cursor.token())

    def _optimize(self) -> None:
        facts, cursor = self.facts, self.cursor
        facts.kind = StatementKind.ADMIN
        facts.operation = "OPTIMIZE TABLE"
        if not cursor.accept("TABLE"):
            self.unknown()
            return
        self.write(cursor.name())
        self.note("LOCK", self.tokens[0], "OPTIMIZE TABLE")
        if any(token.key == "DEDUPLICATE" for token in self.tokens):
            self.note("DESTRUCTIVE", self.tokens[0], "DEDUPLICATE")

    def _privilege(self) -> None:
        self.simple(Simple(StatementKind.DCL, "PRIVILEGE"), self.tokens[0].key)

    def _transaction(self) -> None:
        self.simple(Simple(StatementKind.TCL, "TX_CONTROL"), self.tokens[0].key)

    def _admin(self) -> None:
        first = self.tokens[0].key
        self.simple(Simple(StatementKind.ADMIN, _ADMIN[first]), f"{first} {self.cursor.key()}".strip())

    def _undrop(self) -> None:
        self.ddl("UNDROP TABLE")
        self.cursor.accept("TABLE")
        self.write(self.cursor.name())


_STATEMENTS: Final[dict[str, Callable[[_StatementReader], None]]] = {
    **dict.fromkeys(("SHOW", "DESCRIBE", "DESC", "EXISTS", "CHECK", "WATCH"), _StatementReader._show),
    **dict.fromkeys(("GRANT", "REVOKE", "EXECUTE"), _StatementReader._privilege),
    **dict.fromkeys(("BEGIN", "COMMIT", "ROLLBACK"), _StatementReader._transaction),
    **dict.fromkeys(_ADMIN, _StatementReader._admin),
    **dict.fromkeys(("CREATE", "ATTACH", "REPLACE"), _StatementReader.create),
    **dict.fromkeys(("DROP", "DETACH"), _StatementReader.drop),
    **dict.fromkeys(("RENAME", "EXCHANGE"), _StatementReader.rename),
    "ALTER": _StatementReader.alter,
    "TRUNCATE": _StatementReader.truncate,
    "EXPLAIN": _StatementReader._explain,
    "USE": _StatementReader._use,
    "SET": _StatementReader._set,
    "OPTIMIZE": _StatementReader._optimize,
    "UNDROP": _StatementReader._undrop,
}
