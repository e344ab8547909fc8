"""Oracle's CREATE, ALTER, DROP and their like. Every definition commits."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.common.heads import HeadReader, Simple
from sluicegate.dialects.oracle.bodies import SKIPPED, STORED
from sluicegate.dialects.oracle.functions import GRAMMAR
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.words import words

_ADMIN: Final = StatementKind.ADMIN
_DCL: Final = StatementKind.DCL
_ADJECTIVES: Final = words(
    """
    UNIQUE BITMAP PUBLIC FORCE NO FORCE NOFORCE EDITIONING NONEDITIONING MATERIALIZED SHARED SHARDED DUPLICATED
    IMMUTABLE BLOCKCHAIN MULTIVALUE SEARCH VECTOR HYBRID GLOBAL PRIVATE TEMPORARY
    """
)
_SIMPLE: Final = {
    **dict.fromkeys(("USER", "ROLE", "PROFILE", "AUDIT", "LOCKDOWN"), Simple(_DCL, "PRIVILEGE")),
    "DIRECTORY": Simple(_ADMIN, "FILE_READ"),
    **dict.fromkeys(("LIBRARY", "JAVA", "OPERATOR", "INDEXTYPE", "MLE"), Simple(_ADMIN, "OS_COMMAND")),
    **dict.fromkeys(
        ("TABLESPACE", "DATAFILE", "TEMPFILE", "PFILE", "SPFILE", "CONTROLFILE", "DISKGROUP"),
        Simple(_ADMIN, "FILE_WRITE"),
    ),
    **dict.fromkeys(
        ("PLUGGABLE", "ROLLBACK", "OUTLINE", "RESTORE", "FLASHBACK", "EDITION", "CONTEXT", "INMEMORY"),
        Simple(_ADMIN, "ADMIN_FUNC"),
    ),
    "DATABASE": Simple(_ADMIN, "ADMIN_FUNC"),
    "SYSTEM": Simple(_ADMIN, "ADMIN_FUNC"),
}
_PLAIN: Final = {"SEQUENCE": "sequence", "DIMENSION": "other", "CLUSTER": "table", "ZONEMAP": "other"}
_DROPS: Final = {
    "TABLE": ("table", None),
    "VIEW": ("view", Severity.WARNING),
    "INDEX": ("index", Severity.INFO),
    "SEQUENCE": ("sequence", Severity.WARNING),
    "SYNONYM": ("other", Severity.WARNING),
    "PROCEDURE": ("procedure", Severity.WARNING),
    "FUNCTION": ("function", Severity.WARNING),
    "PACKAGE": ("procedure", Severity.WARNING),
    "TRIGGER": ("trigger", Severity.WARNING),
    "TYPE": ("other", Severity.WARNING),
    "CLUSTER": ("table", None),
    "DIMENSION": ("other", Severity.WARNING),
}
_ROUTINE_TYPES: Final = {"PACKAGE": "procedure", "TYPE": "other"}


class DdlReader(HeadReader):
    grammar = GRAMMAR

    def ddl(self, operation: str, *, transactional: bool = False) -> None:
        super().ddl(operation, transactional=transactional)

    # ---------------------------------------------------------------- CREATE

    def create(self) -> bool:
        """True when the body of a routine follows at the cursor."""
        cursor = self.cursor
        replaces = False
        adjectives: set[str] = set()
        while cursor.key() in SKIPPED or cursor.key() in _ADJECTIVES:
            replaces = replaces or cursor.key() == "REPLACE"
            adjectives.add(cursor.next().key)
        kind = cursor.key()
        at = cursor.next()
        self.ddl(f"CREATE {kind}".strip())
        cursor.if_exists()
        if kind == "DATABASE" and cursor.accept("LINK"):
            self.simple(Simple(_ADMIN, "NETWORK"), "CREATE DATABASE LINK")
        elif kind in _SIMPLE:
            self.simple(_SIMPLE[kind], f"CREATE {kind}")
        elif kind in STORED:
            return self._routine(kind)
        elif kind == "TABLE":
            if replaces:
                self.note("DESTRUCTIVE", at, "OR REPLACE")
            self._create_table(temporary="TEMPORARY" in adjectives, private="PRIVATE" in adjectives)
        elif kind == "INDEX":
            self._create_index()
        elif kind == "VIEW":
            self._create_view(materialized="MATERIALIZED" in adjectives)
        elif kind == "SYNONYM":
            self._create_synonym(public="PUBLIC" in adjectives)
        elif kind in _PLAIN:
            self.write(cursor.name(), _PLAIN[kind])
        else:
            self.unknown()
        return False

    def _routine(self, kind: str) -> bool:
        cursor = self.cursor
        if cursor.accept("BODY"):
            self.facts.operation = f"CREATE {kind} BODY"
        cursor.if_exists()
        self.note("STORED_CODE", self.tokens[0], self.facts.operation)
        self.write(cursor.name(), _ROUTINE_TYPES.get(kind, kind.lower()))
        return True

    def _create_table(self, *, temporary: bool, private: bool) -> None:
        cursor, facts = self.cursor, self.facts
        name = cursor.name()
        ref = self.write(name, "temporary" if private else "table")
        if private and name:
            facts.temporary.append(name[-1])
            self.note("SESSION_STATE", self.tokens[0], "PRIVATE TEMPORARY TABLE", Severity.WARNING)
        elif temporary:
            facts.operation = "CREATE GLOBAL TEMPORARY TABLE"
        self._definition(ref)
        start = self.first_query(cursor.i)
        if start is not None:
            facts.operation = "CREATE TABLE AS"
            self.query(start)
        else:
            self.expression(cursor.i)

    def _definition(self, table: ObjectRef) -> None:
        """Constraints and options that do more than define."""
        scan = type(self.cursor)(self.tokens, self.cursor.i)
        while not scan.done:
            key, following = scan.key(), scan.key(1)
            if key == "REFERENCES" and scan.key(-1) != ".":
                scan.i += 1
                self._reference(scan.i, table)
                continue
            if (key == "ORGANIZATION" and following == "EXTERNAL") or (
                key == "EXTERNAL" and following == "("
            ):
                self.note("FILE_READ", scan.token(), "EXTERNAL TABLE")
            elif key == "PREPROCESSOR":
                self.note("OS_COMMAND", scan.token())
            scan.i += 1

    def _reference(self, start: int, table: ObjectRef) -> None:
        scan = type(self.cursor)(self.tokens, start)
        name = scan.name()
        if not name:
            return
        parent = GRAMMAR.ref(name)
        self.facts.add(parent)
        scan.skip_parenthesis()
        if scan.key() == "ON" and scan.key(1) == "DELETE":
            child = ObjectRef(table.name, "table", Access.WRITE, table.schema)
            self.facts.definitions.append(Definition("cascade", parent, (child,), frozenset({"DELETE"})))

    def _create_index(self) -> None:
        cursor = self.cursor
        self.write(cursor.name(), "index")
        if not cursor.accept("ON"):
            self.unknown()
            return
        cursor.accept("CLUSTER")
        self.write(cursor.name())
        self.expression(cursor.i)
        online = any(token.key == "ONLINE" for token in self.tokens[cursor.i :])
        self.note("LOCK", self.tokens[0], "CREATE INDEX", Severity.INFO if online else None)

    def _create_view(self, *, materialized: bool) -> None:
        cursor, facts = self.cursor, self.facts
        if materialized:
            if cursor.key() == "LOG":
                facts.operation = "CREATE MATERIALIZED VIEW LOG"
                cursor.i += 1
                if cursor.accept("ON"):
                    self.write(cursor.name())
                else:
                    self.unknown()
                return
            facts.operation = "CREATE MATERIALIZED VIEW"
        ref = self.write(cursor.name(), "view")
        start = self.first_query(cursor.i)
        if start is None:
            self.unknown()
            return
        before = len(facts.objects)
        if self.query(start) != "SELECT":
            self.unknown()
        facts.definitions.append(Definition("view", ref, tuple(facts.objects[before:])))

    def _create_synonym(self, *, public: bool) -> None:
        cursor = self.cursor
        self.write(cursor.name(), "other")
        if not cursor.accept("FOR"):
            self.unknown()
            return
        self.read_name(cursor.name(), "other")
        if public:
            self.note("PRIVILEGE", self.tokens[0], "CREATE PUBLIC SYNONYM", Severity.ERROR)

    # ---------------------------------------------------------------- ALTER

    def alter(self) -> None:
        cursor = self.cursor
        while cursor.key() in ("MATERIALIZED", "PUBLIC", "SHARED"):
            cursor.i += 1
        kind = cursor.key()
        if kind == "SESSION":
            self._alter_session()
            return
        cursor.i += 1
        self.ddl(f"ALTER {kind}".strip())
        if kind in _SIMPLE:
            self.simple(_SIMPLE[kind], f"ALTER {kind}")
            self.facts.transactional = False
            return
        cursor.if_exists()
        if kind == "TABLE":
            self._alter_table()
        elif kind == "INDEX":
            self.write(cursor.name(), "index")
            rebuilds = cursor.key() == "REBUILD" and not any(token.key == "ONLINE" for token in self.tokens)
            self.note("LOCK", self.tokens[0], "ALTER INDEX", None if rebuilds else Severity.INFO)
        elif kind in _DROPS:
            self.write(cursor.name(), _DROPS[kind][0])
            if kind in ("TRIGGER", "PROCEDURE", "FUNCTION", "PACKAGE", "TYPE"):
                self.note("STORED_CODE", self.tokens[0], self.facts.operation)
        else:
            self.unknown()

    def _alter_session(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.SESSION
        facts.operation = "ALTER SESSION"
        facts.reusable = False
        cursor.i += 1
        if cursor.accept("SET", "CURRENT_SCHEMA", "="):
            name = cursor.name()
            facts.schema = name[-1] if name else None
            self.note("SESSION_STATE", self.tokens[0], "CURRENT_SCHEMA", Severity.WARNING)
        elif cursor.key() in ("ADVISE", "CLOSE", "ENABLE", "DISABLE", "FORCE"):
            self.note("SET_SESSION", self.tokens[0], "ALTER SESSION")
        else:
            self.note("SET_SESSION", self.tokens[0], cursor.token(1).text)

    def _alter_table(self) -> None:
        cursor = self.cursor
        name = cursor.name()
        ref = self.write(name)
        if not name or cursor.done:
            self.unknown()
            return
        self._definition(ref)
        start = cursor.i
        depth, begins = 0, True
        while not cursor.done:
            if begins or (depth == 0 and cursor.key() in ("ADD", "DROP", "MODIFY", "RENAME")):
                self._action(name)
            key = cursor.next().key
            depth += (key == "(") - (key == ")")
            begins = False
        self.expression(start)

    def _action(self, table: list[str]) -> None:
        cursor = self.cursor
        at, verb, following = cursor.token(), cursor.key(), cursor.key(1)
        if verb == "DROP" and following in ("CONSTRAINT", "PRIMARY", "UNIQUE", "INDEX"):
            self.note("LOCK", at, f"DROP {following}", Severity.INFO)
        elif verb in ("DROP", "TRUNCATE") or (verb == "SET" and following == "UNUSED"):
            self.note("DESTRUCTIVE", at, f"{verb} {cursor.token(1).text}")
        elif verb == "EXCHANGE":
            self.note("DESTRUCTIVE", at, "EXCHANGE PARTITION")
            for place in range(cursor.i, len(self.tokens)):
                if self.tokens[place].key == "TABLE":
                    self.write(type(cursor)(self.tokens, place + 1).name())
                    break
        elif verb == "DISABLE" and [cursor.key(1), cursor.key(2)] == ["ALL", "TRIGGERS"]:
            self.note("INDIRECT", at, "DISABLE ALL TRIGGERS", Severity.ERROR)
        elif verb in ("MODIFY", "MOVE", "SHRINK", "SPLIT", "MERGE", "COALESCE"):
            self.note("LOCK", at, verb)
        elif verb == "RENAME" and following == "TO":
            moved = type(cursor)(self.tokens, cursor.i + 2).name()
            self.write([*table[:-1], *moved] if moved else [])

    # ---------------------------------------------------------------- DROP and the rest

    def drop(self) -> None:
        cursor = self.cursor
        while cursor.key() in ("MATERIALIZED", "PUBLIC"):
            cursor.i += 1
        kind = cursor.key()
        at = cursor.next()
        self.ddl(f"DROP {kind}".strip())
        if kind in ("DATABASE", "TABLESPACE"):
            self.simple(Simple(_ADMIN, "DESTRUCTIVE", Severity.BLOCK), f"DROP {kind}")
            return
        if kind in _SIMPLE:
            self.simple(_SIMPLE[kind], f"DROP {kind}")
            self.facts.transactional = False
            return
        if kind not in _DROPS:
            self.unknown()
            return
        object_type, severity = _DROPS[kind]
        if kind in ("PACKAGE", "TYPE"):
            cursor.accept("BODY")
        cursor.if_exists()
        self.write(cursor.name(), object_type)
        self.note("DESTRUCTIVE", at, self.facts.operation, severity)

    def truncate(self) -> None:
        cursor = self.cursor
        self.ddl("TRUNCATE TABLE")
        if cursor.accept_any({"TABLE", "CLUSTER"}):
            self.write(cursor.name())
            self.note("DESTRUCTIVE", self.tokens[0], "TRUNCATE")
            if any(token.key == "CASCADE" for token in self.tokens):
                self.note("INDIRECT", self.tokens[0], "CASCADE")
        else:
            self.unknown()

    def rename(self) -> None:
        cursor = self.cursor
        self.ddl("RENAME")
        self.write(cursor.name())
        if cursor.accept("TO"):
            self.write(cursor.name())
        else:
            self.unknown()

    def comment(self) -> None:
        cursor = self.cursor
        self.ddl("COMMENT")
        if not cursor.accept("ON"):
            self.unknown()
            return
        kind = cursor.next().key
        if kind == "MATERIALIZED":
            cursor.accept("VIEW")
        name = cursor.name()
        self.write(name[:-1] if kind == "COLUMN" and len(name) > 1 else name)
        if not cursor.accept("IS"):
            self.unknown()
