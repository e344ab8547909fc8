"""T-SQL's CREATE, ALTER and DROP. Most definitions take part in transactions."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.common.heads import HeadReader, Simple
from sluicegate.dialects.mssql.boundaries import ROUTINES
from sluicegate.dialects.mssql.functions import GRAMMAR
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.words import words

_ADMIN: Final = StatementKind.ADMIN
_DCL: Final = StatementKind.DCL
_SIMPLE: Final = {
    **dict.fromkeys(
        words(
            """
            USER LOGIN ROLE APPLICATION CREDENTIAL CERTIFICATE ASYMMETRIC SYMMETRIC MASTER SECURITY AUTHORIZATION
            COLUMN CRYPTOGRAPHIC SIGNATURE SERVER DATABASE_SCOPED AUDIT
            """
        ),
        Simple(_DCL, "PRIVILEGE"),
    ),
    **dict.fromkeys(
        words(
            "DATABASE ENDPOINT AVAILABILITY EVENT RESOURCE WORKLOAD BROKER ROUTE QUEUE SERVICE MESSAGE CONTRACT REMOTE"
        ),
        Simple(_ADMIN, "ADMIN_FUNC"),
    ),
    "EXTERNAL": Simple(_ADMIN, "NETWORK"),
    "ASSEMBLY": Simple(_ADMIN, "OS_COMMAND"),
}
_INDEX_WORDS: Final = words("UNIQUE CLUSTERED NONCLUSTERED COLUMNSTORE PRIMARY XML SPATIAL VECTOR JSON")
_PLAIN: Final = {
    "SEQUENCE": "sequence",
    "SYNONYM": "other",
    "TYPE": "other",
    "STATISTICS": "other",
    "RULE": "other",
    "DEFAULT": "other",
}
_DROPS: Final = {
    "TABLE": ("table", None),
    "VIEW": ("view", Severity.WARNING),
    "INDEX": ("index", Severity.INFO),
    "SEQUENCE": ("sequence", Severity.WARNING),
    "SYNONYM": ("other", Severity.WARNING),
    "TYPE": ("other", Severity.WARNING),
    "STATISTICS": ("other", Severity.INFO),
    "PROC": ("procedure", Severity.WARNING),
    "PROCEDURE": ("procedure", Severity.WARNING),
    "FUNCTION": ("function", Severity.WARNING),
    "TRIGGER": ("trigger", Severity.WARNING),
    "SCHEMA": ("schema", Severity.WARNING),
    "RULE": ("other", Severity.WARNING),
    "DEFAULT": ("other", Severity.WARNING),
}
_ROUTINE_TYPES: Final = {"PROC": "procedure"}


class DdlReader(HeadReader):
    grammar = GRAMMAR

    # ---------------------------------------------------------------- CREATE

    def create(self) -> bool:
        """True when the body of a routine follows at the cursor."""
        cursor = self.cursor
        cursor.accept("OR", "ALTER")
        indexing = False
        while cursor.key() in _INDEX_WORDS and cursor.key(1) != "SCHEMA":
            cursor.i += 1
            indexing = True
        kind = cursor.key()
        cursor.i += 1
        self.ddl(f"CREATE {kind}".strip(), transactional=True)
        if kind == "INDEX":
            self._create_index()
        elif indexing:
            self.unknown()
        elif kind in _SIMPLE:
            self.simple(_SIMPLE[kind], f"CREATE {kind}")
            self.facts.transactional = kind != "DATABASE"
        elif kind in ROUTINES:
            return self._routine(kind)
        elif kind == "TABLE":
            self._create_table()
        elif kind == "VIEW":
            self._create_view()
        elif kind == "SCHEMA":
            self._create_schema()
        elif kind in ("PARTITION", "FULLTEXT", "XML"):
            self._other(kind)
        elif kind in _PLAIN:
            self.write(cursor.name(), _PLAIN[kind])
            if kind == "SYNONYM" and cursor.accept("FOR"):
                self.read_name(cursor.name(), "other")
            if kind == "STATISTICS" and cursor.accept("ON"):
                self.read_name(cursor.name())
        else:
            self.unknown()
        return False

    def _other(self, kind: str) -> None:
        cursor = self.cursor
        following = cursor.next().key
        self.facts.operation += f" {following}"
        if kind == "FULLTEXT":
            self.facts.transactional = False
            self.note("NON_TX", self.tokens[0], self.facts.operation)
            if following == "INDEX" and cursor.accept("ON"):
                self.write(cursor.name())
                return
        elif kind == "XML":
            cursor.accept("COLLECTION")
        self.write(cursor.name(), "other")

    def _create_schema(self) -> None:
        cursor = self.cursor
        if cursor.key() == "AUTHORIZATION":
            self.simple(Simple(_DCL, "PRIVILEGE"), "CREATE SCHEMA")
            return
        name = cursor.name()
        self.facts.add(ObjectRef(name[-1] if name else "", "schema", Access.WRITE))
        if not name:
            self.unknown()

    def _routine(self, kind: str) -> bool:
        self.note("STORED_CODE", self.tokens[0], self.facts.operation)
        self.write(self.cursor.name(), _ROUTINE_TYPES.get(kind, kind.lower()))
        return True

    def trigger_table(self) -> None:
        """The cursor stands at ON table."""
        cursor = self.cursor
        if not cursor.accept("ON"):
            return
        if cursor.key() in ("DATABASE", "ALL"):  # set off by definitions and logins, of everybody
            self.note("STORED_CODE", cursor.token(), "TRIGGER ON " + cursor.key(), Severity.BLOCK)
            return
        name = cursor.name()
        ref = self.write(name)
        events = frozenset(
            token.key
            for token in self.tokens[cursor.i : cursor.i + 10]
            if token.key in ("INSERT", "UPDATE", "DELETE")
        )
        reads = ObjectRef(ref.name, "table", Access.READ, ref.schema, ref.database)
        self.facts.definitions.append(Definition("trigger", reads, (), events))

    def _create_table(self) -> None:
        cursor, facts = self.cursor, self.facts
        name = cursor.name()
        ref = self.write(name)
        if ref.type == "temporary":
            facts.temporary.append(ref.name)
            self.note("SESSION_STATE", self.tokens[0], "TEMPORARY TABLE", Severity.WARNING)
        self._definition(cursor.i, ref)
        start = self.first_query(cursor.i)
        if start is not None:
            self.unknown()

    def _definition(self, start: int, table: ObjectRef) -> None:
        scan = Cursor(self.tokens, start)
        while not scan.done:
            if scan.key() == "REFERENCES" and scan.key(-1) != ".":
                scan.i += 1
                self._reference(scan, table)
            else:
                scan.i += 1
        self.expression(start)

    def _reference(self, scan: Cursor, table: ObjectRef) -> None:
        name = scan.name()
        if not name:
            return
        parent = GRAMMAR.ref(name)
        self.facts.add(parent)
        scan.skip_parenthesis()
        child = ObjectRef(table.name, "table", Access.WRITE, table.schema, table.database)
        while scan.key() == "ON":
            event, action = scan.key(1), scan.key(2)
            if action in ("CASCADE", "SET"):
                self.facts.definitions.append(Definition("cascade", parent, (child,), frozenset({event})))
            scan.i += 3 + (action in ("SET", "NO"))

    def _create_index(self) -> None:
        cursor = self.cursor
        self.write(cursor.name(), "index")
        if not cursor.accept("ON"):
            self.unknown()
            return
        self.write(cursor.name())
        self.expression(cursor.i)
        online = any(
            [part.key for part in self.tokens[place : place + 3]] == ["ONLINE", "=", "ON"]
            for place in range(cursor.i, len(self.tokens))
        )
        self.note("LOCK", self.tokens[0], "CREATE INDEX", Severity.INFO if online else None)

    def _create_view(self) -> None:
        cursor, facts = self.cursor, self.facts
        ref = self.write(cursor.name(), "view")
        start = self.first_query(cursor.i)
        if start is None or self.tokens[start - 1].key != "AS":
            start = next(
                (
                    place + 1
                    for place in range(cursor.i, len(self.tokens) - 1)
                    if self.tokens[place].key == "AS"
                    and self.tokens[place + 1].key in ("SELECT", "WITH", "(")
                ),
                None,
            )
        if start is None:
            self.unknown()
            return
        before = len(facts.objects)
        if self.query(start) != "SELECT":
            self.unknown()
        facts.definitions.append(Definition("view", ref, tuple(facts.objects[before:])))

    # ---------------------------------------------------------------- ALTER

    def alter(self) -> bool:
        cursor = self.cursor
        kind = cursor.next().key
        self.ddl(f"ALTER {kind}".strip(), transactional=True)
        if kind in _SIMPLE:
            self.simple(_SIMPLE[kind], f"ALTER {kind}")
            self.facts.transactional = kind != "DATABASE"
        elif kind in ROUTINES:
            return self._routine(kind)
        elif kind == "TABLE":
            self._alter_table()
        elif kind == "VIEW":
            self._create_view()
        elif kind == "INDEX":
            self._alter_index()
        elif kind == "SCHEMA":
            self._transfer()
        elif kind in ("PARTITION", "FULLTEXT", "XML"):
            self._other(kind)
        elif kind == "SEQUENCE":
            self.write(cursor.name(), "sequence")
        else:
            self.unknown()
        return False

    def _alter_index(self) -> None:
        cursor = self.cursor
        if not cursor.accept("ALL"):
            self.write(cursor.name(), "index")
        if not cursor.accept("ON"):
            self.unknown()
            return
        self.write(cursor.name())
        verb = cursor.key()
        if verb not in ("REBUILD", "REORGANIZE", "DISABLE", "SET", "RESUME", "PAUSE", "ABORT"):
            self.unknown()
        self.note("LOCK", self.tokens[0], f"ALTER INDEX {verb}", None if verb == "REBUILD" else Severity.INFO)

    def _transfer(self) -> None:
        """ALTER SCHEMA s TRANSFER object."""
        cursor = self.cursor
        schema = cursor.name()
        self.facts.add(ObjectRef(schema[-1] if schema else "", "schema", Access.WRITE))
        if not schema or not cursor.accept("TRANSFER"):
            self.unknown()
            return
        if cursor.key(1) == "::":
            cursor.i += 2
        self.write(cursor.name())

    def _alter_table(self) -> None:
        cursor = self.cursor
        name = cursor.name()
        ref = self.write(name)
        at, verb, following = cursor.token(), cursor.key(), cursor.key(1)
        if verb == "WITH":
            cursor.i += 2
            verb, following = cursor.key(), cursor.key(1)
        if verb == "DROP":
            self._drop_part(following)
        elif verb == "ALTER" and following == "COLUMN":
            self.note("LOCK", at, "ALTER COLUMN")
        elif verb == "SWITCH":
            self.note("DESTRUCTIVE", at, "SWITCH PARTITION")
            self._switched(name)
        elif verb == "REBUILD":
            self.note("LOCK", at, "REBUILD")
        elif verb == "DISABLE" and following == "TRIGGER":
            self.note("INDIRECT", at, "DISABLE TRIGGER")
        elif verb not in ("ADD", "CHECK", "NOCHECK", "ENABLE", "SET", "DISABLE"):
            self.unknown()
        self._definition(cursor.i, ref)

    def _drop_part(self, following: str) -> None:
        """DROP COLUMN a, CONSTRAINT b …"""
        at = self.cursor.token()
        if following not in ("COLUMN", "CONSTRAINT", "PERIOD", "INDEX", "IF"):
            self.unknown()
        columns = any(token.key == "COLUMN" for token in self.tokens[self.cursor.i :])
        if columns:
            self.note("DESTRUCTIVE", at, "DROP COLUMN")
        else:
            self.note("LOCK", at, f"DROP {following}", Severity.INFO)

    def _switched(self, table: list[str]) -> None:
        for place in range(self.cursor.i, len(self.tokens)):
            if self.tokens[place].key == "TO":
                name = Cursor(self.tokens, place + 1).name()
                self.write(name if len(name) > 1 else [*table[:-1], *name])
                return
        self.unknown()

    # ---------------------------------------------------------------- DROP and TRUNCATE

    def drop(self) -> None:
        cursor = self.cursor
        kind = cursor.key()
        at = cursor.next()
        self.ddl(f"DROP {kind}".strip(), transactional=True)
        if kind == "DATABASE" and cursor.key() not in ("SCOPED", "AUDIT", "ENCRYPTION"):
            self.simple(Simple(_ADMIN, "DESTRUCTIVE", Severity.BLOCK), "DROP DATABASE")
            self.facts.transactional = False
            return
        if kind in _SIMPLE:
            self.simple(_SIMPLE[kind], f"DROP {kind}")
            return
        if kind in ("PARTITION", "FULLTEXT", "XML"):
            self._other(kind)
            self.note("DESTRUCTIVE", at, self.facts.operation, Severity.WARNING)
            return
        if kind not in _DROPS:
            self.unknown()
            return
        object_type, severity = _DROPS[kind]
        cursor.if_exists()
        names = cursor.names()
        for name in names or [[]]:
            self.write(name, object_type)
        if kind == "INDEX" and cursor.accept("ON"):
            self.write(cursor.name())
        self.note("DESTRUCTIVE", at, self.facts.operation, severity)
        if not cursor.done and not (kind == "INDEX" or cursor.key() == "ON"):
            self.unknown()

    def truncate(self) -> None:
        cursor = self.cursor
        self.ddl("TRUNCATE TABLE", transactional=True)
        if not cursor.accept("TABLE"):
            self.unknown()
        self.write(cursor.name())
        self.note("DESTRUCTIVE", self.tokens[0], "TRUNCATE")
