"""What an SQLite statement is, by its first words: an allow-list; everything else stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sluicegate.dialects.sqlite.functions import GRAMMAR
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Definition, Facts
from sluicegate.sql.grammar import unquote
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.query import QueryReader
from sluicegate.sql.tokens import Token
from sluicegate.sql.words import words

_QUERY_STARTS: Final = frozenset({"SELECT", "WITH", "VALUES", "INSERT", "REPLACE", "UPDATE", "DELETE", "("})
_TRANSACTION: Final = frozenset({"BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"})
# Pragmas that only tell; with a value they may change something, so only without one.
_TELLING: Final = words(
    """
    table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list
    foreign_key_check integrity_check quick_check database_list collation_list compile_options
    function_list module_list pragma_list user_version application_id schema_version data_version
    freelist_count page_count page_size encoding
    """
)
_FIRST_ARGUMENT: Final = words(
    """
    table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list
    foreign_key_check integrity_check quick_check
    """
)
_COMPUTED: Final = frozenset({"CHECK", "DEFAULT", "AS"})  # an expression in parentheses follows
_SAFE_MODULES: Final = frozenset({"FTS3", "FTS4", "FTS5", "RTREE", "GEOPOLY", "RTREE_I32"})


def classify(tokens: Sequence[Token], facts: Facts) -> None:
    """Fill ``facts`` for one statement's significant tokens."""
    _Reader(tokens, facts).read()


class _Reader:
    def __init__(self, tokens: Sequence[Token], facts: Facts) -> None:
        self.tokens = tokens
        self.facts = facts
        self.cursor = Cursor(tokens, strings=True)

    def read(self) -> None:
        first = self.cursor.key()
        if first in _QUERY_STARTS:
            self._query()
            return
        handler = _STATEMENTS.get(first)
        if handler is None:
            self.facts.unknown(self.cursor.token().start, self.cursor.token().text)
            return
        self.facts.reusable = False
        self.cursor.i += 1
        handler(self)

    def _unknown(self) -> None:
        self.facts.unknown(self.cursor.token().start, self.cursor.token().text)

    def _query(self) -> None:
        facts = self.facts
        facts.kind = StatementKind.QUERY
        facts.operation = "SELECT"
        verb = QueryReader(self.tokens, GRAMMAR, facts).read()
        if facts.kind is StatementKind.UNKNOWN:
            return
        if not verb:
            self._unknown()
            return
        facts.operation = verb
        if verb != "SELECT":
            facts.kind = StatementKind.DML

    # ---------------------------------------------------------------- definitions

    def _write(self, name: list[str], kind: str = "table") -> ObjectRef:
        ref = GRAMMAR.ref(name or [""], kind=kind, access=Access.WRITE)
        if not name:
            self._unknown()
        self.facts.add(ref)
        return ref

    def _create(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.DDL
        temporary = bool(cursor.accept_any({"TEMP", "TEMPORARY"}))
        unique = bool(cursor.accept("UNIQUE"))
        virtual = bool(cursor.accept("VIRTUAL"))
        kind = cursor.key()
        at = cursor.token().start
        cursor.i += 1
        facts.operation = f"CREATE {'VIRTUAL ' if virtual else ''}{kind}"
        cursor.if_exists()
        temporary = temporary or (cursor.key(1) == "." and unquote(cursor.token()).casefold() == "temp")
        if (unique and kind != "INDEX") or (virtual and kind != "TABLE"):
            self._unknown()
        elif kind == "TABLE":
            self._create_table(temporary=temporary, virtual=virtual, at=at)
        elif kind == "INDEX":
            self._create_index()
        elif kind == "VIEW":
            self._create_view(temporary=temporary, at=at)
        elif kind == "TRIGGER":
            self._create_trigger(at, temporary=temporary)
        else:
            self._unknown()

    def _create_table(self, *, temporary: bool, virtual: bool, at: int) -> None:
        cursor, facts = self.cursor, self.facts
        name = cursor.name()
        ref = self._write(name, "temporary" if temporary else "table")
        if temporary and name:
            facts.note("SESSION_STATE", at, "TEMP TABLE", Severity.WARNING)
            facts.temporary.append(name[-1])
        if virtual:
            if not cursor.accept("USING") or cursor.key() not in _SAFE_MODULES:
                facts.note("FILE_READ", cursor.token().start, f"USING {cursor.token().text}")
            return
        if cursor.accept("AS"):
            facts.operation = "CREATE TABLE AS"
            QueryReader(self.tokens, GRAMMAR, facts).read(cursor.i)
            return
        self._columns(ref)

    def _columns(self, table: ObjectRef) -> None:
        cursor = self.cursor
        while not cursor.done:
            key = cursor.key()
            if key == "REFERENCES" and cursor.key(-1) != ".":
                cursor.i += 1
                self._reference(table)
                continue
            if key in _COMPUTED and cursor.key(1) == "(":
                start = cursor.i + 1
                cursor.i = start
                cursor.skip_parenthesis()
                QueryReader(self.tokens, GRAMMAR, self.facts).read_expression(start, cursor.i)
                continue
            cursor.i += 1

    def _reference(self, table: ObjectRef) -> None:
        cursor = self.cursor
        name = cursor.name()
        if not name:
            return
        parent = GRAMMAR.ref(name)
        self.facts.add(parent)
        cursor.skip_parenthesis()
        child = ObjectRef(table.name, "table", Access.WRITE, table.schema)
        while cursor.key() == "ON":
            event, action = cursor.key(1), cursor.key(2)
            if action in ("CASCADE", "SET"):
                self.facts.definitions.append(Definition("cascade", parent, (child,), frozenset({event})))
            cursor.i += 3 + (action in ("SET", "NO"))

    def _create_index(self) -> None:
        cursor = self.cursor
        self._write(cursor.name(), "index")
        if not cursor.accept("ON"):
            self._unknown()
            return
        self._write(cursor.name())
        QueryReader(self.tokens, GRAMMAR, self.facts).read_expression(cursor.i, len(self.tokens))

    def _create_view(self, *, temporary: bool, at: int) -> None:
        cursor, facts = self.cursor, self.facts
        ref = self._write(cursor.name(), "temporary" if temporary else "view")
        if temporary:
            facts.note("SESSION_STATE", at, "TEMP VIEW", Severity.WARNING)
            facts.temporary.append(ref.name)
        cursor.skip_parenthesis()
        if not cursor.accept("AS"):
            self._unknown()
            return
        before = len(facts.objects)
        QueryReader(self.tokens, GRAMMAR, facts).read(cursor.i)
        facts.definitions.append(Definition("view", ref, tuple(facts.objects[before:])))

    def _create_trigger(self, at: int, *, temporary: bool) -> None:
        cursor, facts = self.cursor, self.facts
        facts.note("STORED_CODE", at, "CREATE TRIGGER")
        self._write(cursor.name(), "temporary" if temporary else "trigger")
        if temporary:
            facts.note("SESSION_STATE", at, "TEMP TRIGGER", Severity.WARNING)
        if not cursor.accept_any({"BEFORE", "AFTER"}):
            cursor.accept("INSTEAD", "OF")
        event = cursor.next().key
        while not cursor.done and cursor.key() != "ON":
            cursor.i += 1
        cursor.i += 1
        name = cursor.name()
        self._write(name)
        condition = cursor.i
        while not cursor.done and (cursor.key() != "BEGIN" or cursor.key(-1) == "."):
            cursor.i += 1
        if not name or cursor.done:
            self._unknown()
            return
        QueryReader(self.tokens, GRAMMAR, facts).read_expression(condition, cursor.i)
        before = len(facts.objects)
        self._body(cursor.i + 1)
        reached = tuple(facts.objects[before:])
        facts.definitions.append(Definition("trigger", GRAMMAR.ref(name), reached, frozenset({event})))

    def _body(self, begin: int) -> None:
        for place in range(begin, len(self.tokens)):
            if self.tokens[place].key != ";":
                continue
            inner = Facts()
            classify(self.tokens[begin:place], inner)
            for ref in inner.objects:
                self.facts.add(ref)
            self.facts.notes += [note for note in inner.notes if note.code not in ("NO_WHERE", "UNKNOWN")]
            if inner.kind is StatementKind.UNKNOWN:
                self.facts.unknown(self.tokens[begin].start, self.tokens[begin].text)
            begin = place + 1

    def _alter(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.DDL
        facts.operation = "ALTER TABLE"
        if not cursor.accept("TABLE"):
            self._unknown()
            return
        name = cursor.name()
        ref = self._write(name)
        at = cursor.token().start
        if cursor.accept("DROP"):
            facts.note("DESTRUCTIVE", at, "DROP COLUMN")
        elif cursor.accept("RENAME", "TO"):
            self._write([*name[:-1], *cursor.name()])
        elif cursor.accept("ADD"):
            self._columns(ref)
        elif not cursor.accept("RENAME"):
            self._unknown()

    def _drop(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.DDL
        kind = cursor.key()
        at = cursor.token().start
        facts.operation = f"DROP {kind}"
        if kind not in ("TABLE", "INDEX", "VIEW", "TRIGGER"):
            self._unknown()
            return
        cursor.i += 1
        cursor.if_exists()
        self._write(cursor.name(), kind.lower())
        severities = {"TABLE": Severity.ERROR, "INDEX": Severity.INFO}
        facts.note("DESTRUCTIVE", at, facts.operation, severities.get(kind, Severity.WARNING))

    # ---------------------------------------------------------------- the rest

    def _transaction(self) -> None:
        first = self.tokens[0]
        self.facts.kind = StatementKind.TCL
        self.facts.operation = first.key
        self.facts.transactional = False
        self.facts.note("TX_CONTROL", first.start, first.text)

    def _vacuum(self) -> None:
        facts = self.facts
        facts.kind = StatementKind.ADMIN
        facts.operation = "VACUUM"
        facts.transactional = False
        into = next((token for token in self.tokens if token.key == "INTO"), None)
        if into is not None:
            facts.note("FILE_WRITE", into.start, "VACUUM INTO")
        facts.note("NON_TX", self.tokens[0].start, "VACUUM")

    def _attach(self) -> None:
        facts = self.facts
        verb = self.tokens[0].key
        facts.kind = StatementKind.SESSION
        facts.operation = verb
        facts.transactional = False
        facts.note("FILE_READ" if verb == "ATTACH" else "SESSION_STATE", self.tokens[0].start, verb)
        if verb == "ATTACH":
            facts.note("FILE_WRITE", self.tokens[0].start, verb)
            facts.note("SESSION_STATE", self.tokens[0].start, verb)

    def _pragma(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.operation = "PRAGMA"
        facts.transactional = False
        name = cursor.name()
        pragma = name[-1].lower() if name else ""
        with_value = not cursor.done
        asks = pragma in _TELLING and (not with_value or (cursor.key() == "(" and pragma in _FIRST_ARGUMENT))
        if asks:
            facts.kind = StatementKind.QUERY
            return
        facts.kind = StatementKind.SESSION
        code = (
            "ADMIN_FUNC"
            if pragma in ("writable_schema", "trusted_schema", "temp_store_directory", "data_store_directory")
            else "SET_SESSION"
        )
        facts.note(code, self.tokens[0].start, pragma)

    def _service(self) -> None:
        """ANALYZE and REINDEX [name]."""
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.ADMIN
        facts.operation = self.tokens[0].key
        if not cursor.done:
            name = cursor.name()
            if not name or not cursor.done:
                self._unknown()
                return
            facts.add(GRAMMAR.ref(name))

    def _explain(self) -> None:
        cursor, facts = self.cursor, self.facts
        cursor.accept("QUERY", "PLAN")
        inner = Facts()
        classify(self.tokens[cursor.i :], inner)
        facts.kind = StatementKind.QUERY if inner.kind is not StatementKind.UNKNOWN else inner.kind
        facts.operation = "EXPLAIN"
        for ref in inner.objects:
            facts.add(ObjectRef(ref.name, ref.type, Access.READ, ref.schema, ref.database))
        # What changes the session does so while it is compiled, EXPLAIN or not: https://sqlite.org/pragma.html
        compiled = inner.kind is StatementKind.SESSION
        facts.notes += [note for note in inner.notes if compiled or note.code in ("UNKNOWN", "TOO_COMPLEX")]


_STATEMENTS: Final[dict[str, Callable[[_Reader], None]]] = {
    **dict.fromkeys(_TRANSACTION, _Reader._transaction),
    **dict.fromkeys(("ATTACH", "DETACH"), _Reader._attach),
    **dict.fromkeys(("ANALYZE", "REINDEX"), _Reader._service),
    "CREATE": _Reader._create,
    "ALTER": _Reader._alter,
    "DROP": _Reader._drop,
    "VACUUM": _Reader._vacuum,
    "PRAGMA": _Reader._pragma,
    "EXPLAIN": _Reader._explain,
}
