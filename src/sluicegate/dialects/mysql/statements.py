"""What a MySQL statement is, by its first words: an allow-list; everything else stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sluicegate.dialects.mysql.ddl import DdlReader
from sluicegate.dialects.mysql.functions import GRAMMAR
from sluicegate.dialects.mysql.session_statements import read_set
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import is_name, unquote
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.query import QueryReader
from sluicegate.sql.tokens import Token
from sluicegate.sql.words import words

MAX_BODY_DEPTH: Final = 5
_TABLE_SERVICES: Final = frozenset({"ANALYZE", "OPTIMIZE", "CHECK", "REPAIR", "CHECKSUM"})
_TRANSACTION: Final = frozenset({"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA"})
_ADMIN: Final = {
    "KILL": "ADMIN_FUNC", "FLUSH": "ADMIN_FUNC", "RESET": "ADMIN_FUNC", "PURGE": "ADMIN_FUNC",
    "CHANGE": "PRIVILEGE", "STOP": "PRIVILEGE", "SHUTDOWN": "ADMIN_FUNC", "RESTART": "ADMIN_FUNC",
    "CLONE": "NETWORK", "BINLOG": "ADMIN_FUNC", "CACHE": "ADMIN_FUNC", "IMPORT": "FILE_READ",
    "INSTALL": "OS_COMMAND", "UNINSTALL": "OS_COMMAND", "BACKUP": "ADMIN_FUNC", "REFRESH": "ADMIN_FUNC",
}  # fmt: skip
_BODY_FILTER: Final = frozenset(
    {"UNKNOWN", "TX_CONTROL", "SET_SESSION", "SESSION_STATE", "NO_WHERE", "KIND_MISMATCH", "LOCK"}
)


def classify(tokens: Sequence[Token], facts: Facts, depth: int = 0) -> None:
    """Fill ``facts`` for one statement's significant tokens (executable comment marks left out)."""
    StatementReader(tokens, facts, depth).read()


class StatementReader:
    def __init__(self, tokens: Sequence[Token], facts: Facts, depth: int) -> None:
        self.tokens = tokens
        self.facts = facts
        self.depth = depth
        self.cursor = Cursor(tokens)

    def read(self) -> None:
        facts = self.facts
        first = self.cursor.key()
        if first in ("SELECT", "WITH", "VALUES", "TABLE", "INSERT", "REPLACE", "UPDATE", "DELETE", "("):
            self._query()
            return
        handler = _STATEMENTS.get(first)
        if handler is None:
            facts.unknown(self.cursor.token().start, self.cursor.token().text)
            self._objects_of_the_rest()
            return
        facts.reusable = False
        facts.transactional = False
        self.cursor.i += 1
        handler(self)

    def _query(self, start: int = 0) -> None:
        facts = self.facts
        facts.kind = StatementKind.QUERY
        facts.operation = "SELECT"
        reader = QueryReader(self.tokens, GRAMMAR, facts, in_body=self.depth > 0)
        verb = reader.read(start)
        if not verb or facts.kind is StatementKind.UNKNOWN:
            facts.kind = StatementKind.UNKNOWN
            if not any(note.code == "UNKNOWN" for note in facts.notes):
                facts.unknown(self.cursor.token().start, self.cursor.token().text)
            return
        facts.operation = verb
        if verb in ("INSERT", "REPLACE", "UPDATE", "DELETE"):
            facts.kind = StatementKind.DML

    def _objects_of_the_rest(self) -> None:
        """Of a statement that is denied anyway: name what its inner verb would touch."""
        for place in range(1, min(len(self.tokens), 40)):
            if self.tokens[place].key in ("DELETE", "UPDATE", "INSERT", "DROP", "TRUNCATE", "SELECT"):
                inner = Facts()
                classify(self.tokens[place:], inner, MAX_BODY_DEPTH)
                for ref in inner.objects:
                    self.facts.add(ref)
                return

    # ---------------------------------------------------------------- handlers; the cursor is behind the first word

    def _ddl(self) -> None:
        verb = self.tokens[0].key
        DdlReader(self.cursor, self.facts, GRAMMAR, self._body).read(verb)

    def _set(self) -> None:
        cursor, facts = self.cursor, self.facts
        if cursor.key() == "STATEMENT":
            self._set_statement()
            return
        read_set(cursor, facts, GRAMMAR)

    def _set_statement(self) -> None:
        """MariaDB: SET STATEMENT variable=value FOR statement."""
        at = self.cursor.token().start
        for place in range(self.cursor.i, len(self.tokens)):
            if self.tokens[place].key == "FOR":
                classify(self.tokens[place + 1 :], self.facts, self.depth)
                break
        else:
            self.facts.unknown(at, "SET STATEMENT")
        self.facts.note("SET_SESSION", at, "SET STATEMENT")

    def _transaction(self) -> None:
        cursor, facts = self.cursor, self.facts
        first = self.tokens[0]
        if first.key == "BEGIN" and cursor.key() == "NOT":
            facts.kind = StatementKind.PROCEDURAL
            facts.operation = "BEGIN NOT ATOMIC"
            facts.note("DYNAMIC_SQL", first.start, "BEGIN NOT ATOMIC")
            self._body(cursor, facts)
            return
        facts.kind = StatementKind.TCL
        facts.operation = first.key
        facts.note("TX_CONTROL", first.start, first.text)

    def _start(self) -> None:
        if self.cursor.key() == "TRANSACTION":
            self.facts.kind = StatementKind.TCL
            self.facts.operation = "START TRANSACTION"
            self.facts.note("TX_CONTROL", self.tokens[0].start, "START TRANSACTION")
            return
        self._administration("PRIVILEGE", "START")

    def _admin(self) -> None:
        first = self.tokens[0].key
        self._administration(_ADMIN[first], first)

    def _administration(self, code: str, operation: str) -> None:
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.ADMIN
        facts.operation = operation
        facts.note(code, self.tokens[0].start, operation)
        if operation == "FLUSH":
            cursor.accept_any({"LOCAL", "NO_WRITE_TO_BINLOG"})
            if cursor.accept_any({"TABLES", "TABLE"}) and cursor.key() != "WITH":
                for name in cursor.names():
                    facts.add(GRAMMAR.ref(name))

    def _privilege(self) -> None:
        first = self.tokens[0]
        self.facts.kind = StatementKind.DCL
        self.facts.operation = first.key
        self.facts.note("PRIVILEGE", first.start, first.text)
        place = next((i for i, token in enumerate(self.tokens) if token.key == "ON"), None)
        if place is not None and self.tokens[place - 1].key != "PROXY":
            self._granted(Cursor(self.tokens, place + 1))

    def _granted(self, cursor: Cursor) -> None:
        """``table``, ``database.table``, ``database.*``, ``*`` or ``*.*``, maybe with its type before it."""
        kind = "table"
        if is_name(cursor.token(1)) or cursor.key(1) == "*":
            kind = cursor.accept_any({"TABLE", "FUNCTION", "PROCEDURE"}).lower() or kind
        name = cursor.name()
        if cursor.accept(".", "*") and name:
            self.facts.add(ObjectRef(name[-1], "database", Access.WRITE))
        elif name:
            self.facts.add(GRAMMAR.ref(name, kind=kind, access=Access.WRITE))
        elif cursor.key() == "*" and cursor.key(1) != ".":
            self.facts.at_home = True

    def _service(self) -> None:
        """ANALYZE TABLE and its like; ANALYZE statement of MariaDB."""
        cursor, facts = self.cursor, self.facts
        verb = self.tokens[0].key
        cursor.accept_any({"LOCAL", "NO_WRITE_TO_BINLOG"})
        if cursor.accept_any({"TABLE", "TABLES"}):
            facts.kind = StatementKind.ADMIN
            facts.operation = f"{verb} TABLE"
            names = cursor.names()
            for name in names:
                facts.add(
                    GRAMMAR.ref(name, access=Access.WRITE if verb in ("OPTIMIZE", "REPAIR") else Access.READ)
                )
            if not names:
                facts.unknown(cursor.token().start, cursor.token().text)
            facts.note("LOCK", self.tokens[0].start, facts.operation, Severity.WARNING)
            return
        if verb == "ANALYZE":
            self._analyzed(cursor)
            return
        facts.unknown(self.tokens[0].start, verb)

    def _analyzed(self, cursor: Cursor) -> None:
        at = self.tokens[0].start
        if cursor.accept("FORMAT", "="):
            cursor.i += 1
        classify(self.tokens[cursor.i :], self.facts, self.depth)
        if self.facts.kind not in (StatementKind.QUERY, StatementKind.DML):
            self.facts.unknown(at, "ANALYZE")
        self.facts.note("EXPLAIN_ANALYZE", at, self.facts.operation)

    def _explain(self) -> None:
        cursor, facts = self.cursor, self.facts
        at = self.tokens[0].start
        analyzes = False
        while True:
            if cursor.accept("ANALYZE"):
                analyzes = True
            elif cursor.accept("FORMAT", "="):
                cursor.i += 1
            elif cursor.accept("INTO"):
                facts.note("SESSION_STATE", cursor.token().start, "INTO", Severity.WARNING)
                cursor.i += 1
            elif not cursor.accept_any({"EXTENDED", "PARTITIONS"}):
                break
        if cursor.key() in (
            "SELECT",
            "WITH",
            "VALUES",
            "TABLE",
            "INSERT",
            "REPLACE",
            "UPDATE",
            "DELETE",
            "(",
        ):
            if analyzes:
                self._analyzed(cursor)
                return
            self._explained(cursor)
            return
        facts.kind = StatementKind.QUERY
        facts.operation = "EXPLAIN"
        name = cursor.name()
        if analyzes or not name or cursor.key() == "CONNECTION":
            facts.unknown(at, "EXPLAIN")
            return
        facts.add(GRAMMAR.ref(name))

    def _explained(self, cursor: Cursor) -> None:
        inner = Facts()
        classify(self.tokens[cursor.i :], inner, self.depth)
        self.facts.kind = StatementKind.QUERY if inner.kind is not StatementKind.UNKNOWN else inner.kind
        self.facts.operation = "EXPLAIN"
        for ref in inner.objects:
            self.facts.add(ObjectRef(ref.name, ref.type, Access.READ, ref.schema, ref.database))
        self.facts.notes += [
            note for note in inner.notes if note.code not in ("NO_WHERE", "TAUTOLOGY", "DATA_RETURN")
        ]

    def _show(self) -> None:
        self.facts.kind = StatementKind.QUERY
        self.facts.operation = "SHOW"
        cursor = self.cursor
        key = cursor.key()
        following = cursor.key(1)
        if key in ("GRANTS", "BINLOG", "RELAYLOG") or (key, following) == ("CREATE", "USER"):
            self.facts.note("PRIVILEGE", self.tokens[0].start, f"SHOW {key}", Severity.ERROR)
        elif key == "CREATE" and following in ("TABLE", "VIEW", "SEQUENCE"):
            cursor.i += 2
            cursor.if_exists()
            self._shown(cursor.name())
        else:
            self._shown_from(cursor)
        QueryReader(self.tokens, GRAMMAR, self.facts).read_expression(1, len(self.tokens))

    def _shown(self, name: list[str]) -> None:
        if name:
            self.facts.add(GRAMMAR.ref(name))

    def _shown_from(self, cursor: Cursor) -> None:
        """SHOW COLUMNS FROM table [FROM database], SHOW TABLES FROM database."""
        of_table = False
        while not cursor.done and cursor.key() not in ("FROM", "IN", "LIKE", "WHERE"):
            of_table = of_table or cursor.key() in ("COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS")
            cursor.i += 1
        if not cursor.accept_any({"FROM", "IN"}):
            return
        name = cursor.name()
        if cursor.accept_any({"FROM", "IN"}) and name:
            name = [*cursor.name(), *name]
        if of_table:
            self._shown(name)
        elif name:
            self.facts.add(ObjectRef(name[-1], "database", Access.READ))

    def _help(self) -> None:
        self.facts.kind = StatementKind.QUERY
        self.facts.operation = "HELP"

    def _use(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.SESSION
        facts.operation = "USE"
        if not is_name(cursor.token()) or cursor.end - cursor.i != 1:
            facts.unknown(self.tokens[0].start, "USE")
            return
        facts.database = unquote(cursor.token())
        facts.add(ObjectRef(facts.database, "database", Access.READ))
        facts.note("SESSION_STATE", self.tokens[0].start, f"USE {facts.database}", Severity.WARNING)

    def _call(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.PROCEDURAL
        facts.operation = "CALL"
        name = cursor.name()
        if not name:
            facts.unknown(cursor.token().start, "CALL")
            return
        facts.add(GRAMMAR.ref(name, kind="procedure", access=Access.WRITE))
        facts.note("STORED_CODE", self.tokens[0].start, ".".join(name))
        QueryReader(self.tokens, GRAMMAR, facts).read_expression(cursor.i, len(self.tokens))

    def _do(self) -> None:
        self.facts.kind = StatementKind.QUERY
        self.facts.operation = "DO"
        QueryReader(self.tokens, GRAMMAR, self.facts).read_expression(1, len(self.tokens))

    def _lock(self) -> None:
        self.facts.kind = StatementKind.SESSION
        self.facts.operation = f"{self.tokens[0].key} {self.cursor.key()}"
        self.facts.note("SESSION_STATE", self.tokens[0].start, self.facts.operation, Severity.BLOCK)
        self.facts.note("LOCK", self.tokens[0].start, self.facts.operation)
        self.cursor.accept_any({"TABLE", "TABLES"})
        for name in self.cursor.names():
            self.facts.add(GRAMMAR.ref(name))

    def _load(self) -> None:
        cursor, facts = self.cursor, self.facts
        at = self.tokens[0].start
        facts.kind = StatementKind.DML
        facts.operation = f"LOAD {cursor.key()}"
        if cursor.key() == "INDEX":
            facts.kind = StatementKind.ADMIN
            facts.note("ADMIN_FUNC", at, "LOAD INDEX")
            return
        facts.note("FILE_READ", at, facts.operation)
        while not cursor.done and not (cursor.key() == "TABLE" and cursor.key(-1) == "INTO"):
            cursor.i += 1
        cursor.i += 1
        name = cursor.name()
        if name:
            facts.add(GRAMMAR.ref(name, access=Access.WRITE))

    def _handler(self) -> None:
        name = self.cursor.name()
        if name:
            self.facts.add(GRAMMAR.ref(name))
        self.facts.unknown(self.tokens[0].start, "HANDLER")
        self.facts.operation = "HANDLER"

    def _dynamic(self) -> None:
        self.facts.kind = StatementKind.PROCEDURAL
        self.facts.operation = self.tokens[0].key
        self.facts.note("DYNAMIC_SQL", self.tokens[0].start, self.tokens[0].text)

    # ---------------------------------------------------------------- bodies

    def _body(self, cursor: Cursor, facts: Facts) -> None:
        """The statements of a routine's body: their objects, and what would be denied outside too."""
        if self.depth >= MAX_BODY_DEPTH:
            facts.unknown(cursor.token().start, "BEGIN")
            return
        begin = cursor.i
        depth = 0
        for place in range(cursor.i, cursor.end + 1):
            key = self.tokens[place].key if place < cursor.end else ";"
            depth += (key == "(") - (key == ")")
            if key == ";" or (depth == 0 and key in _BODY_WORDS):
                self._body_part(begin, place, facts)
                begin = place + 1
        cursor.i = cursor.end

    def _body_part(self, begin: int, end: int, facts: Facts) -> None:
        while (
            begin < end
            and self.tokens[begin].key not in _BODY_STATEMENTS
            and not self._administers(begin)
            and self.tokens[begin].key not in ("IF", "RETURN", "SET", "DECLARE", "FOR")
        ):
            begin += 1
            if begin < end and self.tokens[begin - 1].key in ("UNTIL", "WHILE", "ELSEIF", "CASE", "WHEN"):
                break
        if begin >= end:
            return
        inner = Facts()
        if self.tokens[begin].key == "SET":
            self._body_set(begin, end, facts)
        if self.tokens[begin].key in _BODY_STATEMENTS or self._administers(begin):
            StatementReader(self.tokens[begin:end], inner, self.depth + 1).read()
        else:
            start = begin
            if self.tokens[begin].key == "DECLARE":
                start = next((i + 1 for i in range(begin, end) if self.tokens[i].key == "FOR"), begin)
            if self.tokens[start].key in ("SELECT", "WITH") and start < end:
                QueryReader(self.tokens, GRAMMAR, inner, in_body=True).read(start, end)
            else:
                QueryReader(self.tokens, GRAMMAR, inner, in_body=True).read_expression(begin, end)
        for ref in inner.objects:
            facts.add(ref)
        for note in inner.notes:
            if note.code == "DYNAMIC_SQL":
                note.severity = Severity.ERROR
            if note.code not in _BODY_FILTER:
                facts.notes.append(note)

    def _administers(self, place: int) -> bool:
        """A statement about the server, and not a variable of such a name."""
        before = self.tokens[place - 1].key if place else ""
        return self.tokens[place].key in _BODY_ADMIN and before in _BEFORE_BODY_ADMIN

    def _body_set(self, begin: int, end: int, facts: Facts) -> None:
        """Of the assignments in a body only those that reach beyond the session count."""
        inner = Facts()
        read_set(Cursor(self.tokens, begin + 1, end), inner, GRAMMAR)
        facts.notes += [note for note in inner.notes if note.code == "PRIVILEGE"]


_BODY_WORDS: Final = frozenset({"BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT"})
_BODY_ADMIN: Final = frozenset(
    {"RESET", "PURGE", "CHANGE", "SHUTDOWN", "RESTART", "CLONE", "STOP", "HANDLER"}
)
_BEFORE_BODY_ADMIN: Final = _BODY_WORDS | words(
    """
    ; : ) ROW ATOMIC DATA SQL DETERMINISTIC DEFINER INVOKER
    """
)
_BODY_STATEMENTS: Final = words(
    """
    SELECT WITH INSERT REPLACE UPDATE DELETE CALL PREPARE EXECUTE DEALLOCATE TRUNCATE DROP CREATE ALTER
    RENAME LOAD GRANT REVOKE KILL FLUSH INSTALL UNINSTALL ANALYZE OPTIMIZE LOCK UNLOCK
    """
)
_STATEMENTS: Final[dict[str, Callable[[StatementReader], None]]] = {
    **dict.fromkeys(("CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE"), StatementReader._ddl),
    **dict.fromkeys(_TABLE_SERVICES, StatementReader._service),
    **dict.fromkeys(_TRANSACTION, StatementReader._transaction),
    **dict.fromkeys(_ADMIN, StatementReader._admin),
    **dict.fromkeys(("GRANT", "REVOKE"), StatementReader._privilege),
    **dict.fromkeys(("EXPLAIN", "DESC", "DESCRIBE"), StatementReader._explain),
    **dict.fromkeys(("PREPARE", "EXECUTE", "DEALLOCATE"), StatementReader._dynamic),
    **dict.fromkeys(("LOCK", "UNLOCK"), StatementReader._lock),
    "SET": StatementReader._set,
    "START": StatementReader._start,
    "SHOW": StatementReader._show,
    "HELP": StatementReader._help,
    "USE": StatementReader._use,
    "CALL": StatementReader._call,
    "DO": StatementReader._do,
    "LOAD": StatementReader._load,
    "HANDLER": StatementReader._handler,
}
