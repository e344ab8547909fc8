"""CREATE, ALTER, DROP, RENAME and TRUNCATE: objects, and what in them does more than define."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Definition, Facts
from sluicegate.sql.grammar import Grammar, is_name, unquote
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.query import QueryReader
from sluicegate.sql.tokens import STRING
from sluicegate.sql.words import words

BodyReader = Callable[[Cursor, Facts], None]

_ENGINES: Final = words(
    """
    INNODB ARIA ROCKSDB XTRADB TOKUDB MYROCKS NDB NDBCLUSTER COLUMNSTORE OCEANBASE XENGINE
    """
)
_VOLATILE_ENGINES: Final = frozenset({"MYISAM", "MEMORY", "HEAP", "ARCHIVE", "MRG_MYISAM", "MERGE"})
_LOSSY: Final = frozenset({"BLACKHOLE"})
_OUTSIDE: Final = frozenset(
    {"FEDERATED", "FEDERATEDX", "CONNECT", "SPIDER", "S3", "OQGRAPH", "SPHINX", "MROONGA", "CSV"}
)
_ROUTINES: Final = frozenset({"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"})
_ACCOUNTS: Final = frozenset({"USER", "ROLE"})
_DATABASE_OPTIONS: Final = frozenset({"DEFAULT", "CHARACTER", "COLLATE", "CHARSET", "READ"})
_DATABASE_VALUES: Final = frozenset({"ENCRYPTION", "COMMENT"})  # not reserved: names, unless a value follows
_ADMIN: Final = frozenset({"TABLESPACE", "LOGFILE", "UNDO", "SERVER", "RESOURCE", "SPATIAL", "INSTANCE"})


class DdlReader:
    def __init__(self, cursor: Cursor, facts: Facts, grammar: Grammar, read_body: BodyReader) -> None:
        self.cursor = cursor
        self.facts = facts
        self.grammar = grammar
        self.read_body = read_body

    def _write(self, name: list[str], kind: str = "table") -> ObjectRef:
        ref = self.grammar.ref(name, kind=kind, access=Access.WRITE)
        self.facts.add(ref)
        return ref

    def _unknown(self) -> None:
        token = self.cursor.token()
        self.facts.unknown(token.start, token.text)

    # ---------------------------------------------------------------- heads

    def read(self, verb: str) -> None:
        """The cursor stands behind the verb."""
        facts = self.facts
        facts.kind = StatementKind.DDL
        facts.transactional = False
        facts.reusable = False
        facts.operation = verb
        getattr(self, f"_{verb.lower()}")()

    def _create(self) -> None:
        cursor, facts = self.cursor, self.facts
        replaces = cursor.accept("OR", "REPLACE")
        temporary = bool(cursor.accept("TEMPORARY"))
        self._skip_attributes()
        kind = cursor.key()
        at = cursor.token().start
        if kind in ("UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR") and cursor.key(1) == "INDEX":
            cursor.i += 1
            kind = "INDEX"
        facts.operation = f"CREATE {kind}".strip()
        cursor.i += 1
        if kind == "TABLE":
            self._create_table(replaces=replaces, temporary=temporary, at=at)
        elif kind == "INDEX":
            self._create_index(at)
        elif kind == "VIEW":
            self._create_view()
        elif kind in _ROUTINES:
            self._create_routine(kind, at)
        elif kind in ("DATABASE", "SCHEMA"):
            facts.operation = "CREATE DATABASE"
            cursor.if_exists()
            self._database(at)
        elif kind == "SEQUENCE":
            cursor.if_exists()
            self._write(cursor.name() or [""], "sequence")
        else:
            self._other(kind, at)

    def _skip_attributes(self) -> None:
        cursor = self.cursor
        while not cursor.done:
            if cursor.accept("ALGORITHM", "="):
                cursor.i += 1
            elif cursor.key() == "DEFINER":
                self.facts.note("PRIVILEGE", cursor.token().start, "DEFINER", Severity.WARNING)
                cursor.i += 2
                cursor.i += 1
                if cursor.token().kind == "VARIABLE":
                    cursor.i += 1
                elif cursor.key() == "(":
                    cursor.skip_parenthesis()
            elif cursor.accept("SQL", "SECURITY"):
                cursor.i += 1
            elif not (cursor.accept("AGGREGATE") or cursor.accept("ONLINE") or cursor.accept("OFFLINE")):
                return

    def _other(self, kind: str, at: int) -> None:
        """Accounts and the server itself."""
        if kind in _ACCOUNTS:
            self.facts.kind = StatementKind.DCL
            self.facts.note("PRIVILEGE", at, self.facts.operation)
        elif kind in _ADMIN:
            self.facts.kind = StatementKind.ADMIN
            code = {
                "SERVER": "NETWORK",
                "TABLESPACE": "FILE_WRITE",
                "LOGFILE": "FILE_WRITE",
                "UNDO": "FILE_WRITE",
            }
            self.facts.note(code.get(kind, "ADMIN_FUNC"), at, self.facts.operation)
        else:
            self._unknown()

    def _database(self, at: int) -> None:
        name = self.cursor.name()
        if not name:
            self._unknown()
            return
        self.facts.add(ObjectRef(name[-1], "database", Access.WRITE))
        if self.facts.operation == "DROP DATABASE":
            self.facts.note("DESTRUCTIVE", at, "DROP DATABASE", Severity.BLOCK)

    # ---------------------------------------------------------------- tables

    def _create_table(self, *, replaces: bool, temporary: bool, at: int) -> None:
        cursor, facts = self.cursor, self.facts
        cursor.if_exists()
        name = cursor.name()
        if not name:
            self._unknown()
            return
        if replaces:
            facts.note("DESTRUCTIVE", at, "OR REPLACE")
        if temporary:
            facts.add(self.grammar.ref(name, kind="temporary", access=Access.WRITE))
            facts.note("SESSION_STATE", at, "TEMPORARY TABLE", Severity.WARNING)
            facts.temporary.append(name[-1])
            facts.transactional = True
        else:
            self._write(name)
        self._scan_definition(self.grammar.ref(name))
        self._query_part()

    def _query_part(self) -> None:
        """CREATE TABLE … SELECT."""
        cursor = self.cursor
        start = self._query_start()
        if start is None:
            return
        self.facts.operation = "CREATE TABLE AS"
        QueryReader(cursor.tokens, self.grammar, self.facts).read(start, cursor.end)

    def _query_start(self) -> int | None:
        tokens, cursor = self.cursor.tokens, self.cursor
        for place in range(cursor.i, cursor.end):
            key = tokens[place].key
            previous = tokens[place - 1].key
            starts = (key == "SELECT" and previous != ".") or (
                key in ("WITH", "VALUES", "TABLE")
                and previous in ("AS", "(", "IGNORE", "REPLACE")
                and place + 1 < cursor.end
                and (is_name(tokens[place + 1]) or key == "VALUES")
                and not (key == "VALUES" and tokens[place + 1].key in ("LESS", "IN"))
            )
            if starts:
                while place > cursor.i and tokens[place - 1].key == "(":
                    place -= 1  # noqa: PLW2901 - back to where its parentheses open
                return place
        return None

    def _scan_definition(self, table: ObjectRef) -> None:
        """Options and constraints between the name and the end."""
        scan = Cursor(self.cursor.tokens, self.cursor.i, self.cursor.end)
        if scan.accept("LIKE") or scan.accept("(", "LIKE"):
            name = scan.name()
            if name:
                self.facts.add(self.grammar.ref(name))
        while not scan.done:
            if scan.key(-1) != ".":
                self._definition_word(scan, table)
            scan.i += 1

    def _definition_word(self, scan: Cursor, table: ObjectRef) -> None:
        facts, key, at = self.facts, scan.key(), scan.token().start
        if key == "ENGINE" or (key == "TYPE" and scan.key(1) == "="):
            self._engine(scan)
        elif key in ("DATA", "INDEX") and scan.key(1) == "DIRECTORY":
            facts.note("FILE_WRITE", at, f"{key} DIRECTORY")
        elif key == "CONNECTION" and (scan.key(1) == "=" or scan.token(1).kind == "STRING"):
            facts.note("NETWORK", at, "CONNECTION")
        elif key == "UNION" and scan.key(1) == "=":
            members = Cursor(scan.tokens, scan.i + 3, scan.end)
            for name in members.names():
                self._write(name)
        elif key == "REFERENCES":
            self._reference(scan, table)
        elif scan.key(1) == "(" and key in self.grammar.dangers:
            danger = self.grammar.dangers[key]
            facts.note(danger.code, at, key, danger.severity)

    def _engine(self, scan: Cursor) -> None:
        value = scan.token(2) if scan.key(1) == "=" else scan.token(1)
        if not (is_name(value) or value.kind == "STRING"):
            return
        engine = unquote(value).upper()
        if engine in _ENGINES:
            return
        at = scan.token().start
        if engine in _LOSSY:
            self.facts.note("DESTRUCTIVE", at, f"ENGINE={engine}", Severity.BLOCK)
        elif engine in _VOLATILE_ENGINES:
            self.facts.note("NON_TX", at, f"ENGINE={engine}")
        elif engine in _OUTSIDE:
            self.facts.note("NETWORK", at, f"ENGINE={engine}")
        else:
            self.facts.unknown(at, f"ENGINE={engine}")

    def _reference(self, scan: Cursor, table: ObjectRef) -> None:
        ahead = Cursor(scan.tokens, scan.i + 1, scan.end)
        name = ahead.name()
        if not name:
            return
        parent = self.grammar.ref(name)
        self.facts.add(parent)
        ahead.skip_parenthesis()
        child = self.grammar.ref([part for part in (table.database, table.name) if part], access=Access.WRITE)
        while ahead.key() in ("ON", "MATCH"):
            event = ahead.key(1)
            action = ahead.key(2)
            if ahead.key() == "ON" and (
                action == "CASCADE" or (action == "SET" and ahead.key(3) in ("NULL", "DEFAULT"))
            ):
                self.facts.definitions.append(Definition("cascade", parent, (child,), frozenset({event})))
            ahead.i += 4 if action in ("SET", "NO") else 3 if ahead.key() == "ON" else 2

    def _create_index(self, at: int) -> None:
        cursor = self.cursor
        cursor.if_exists()
        name = cursor.name()
        if cursor.accept("USING"):
            cursor.i += 1
        table = cursor.name() if cursor.accept("ON") else []
        if not name or not table:
            self._unknown()
            return
        self.facts.add(ObjectRef(name[-1], "index", Access.WRITE, database=self.grammar.ref(table).database))
        self._write(table)
        self.facts.note("LOCK", at, "CREATE INDEX", Severity.INFO)

    def _create_view(self) -> None:
        cursor = self.cursor
        cursor.if_exists()
        name = cursor.name()
        cursor.skip_parenthesis()
        if not name or not cursor.accept("AS"):
            self._unknown()
            return
        ref = self._write(name, "view")
        before = len(self.facts.objects)
        verb = QueryReader(cursor.tokens, self.grammar, self.facts).read(cursor.i, cursor.end)
        if verb != "SELECT":
            self._unknown()
        reached = tuple(self.facts.objects[before:])
        self.facts.definitions.append(Definition("view", ref, reached))

    # ---------------------------------------------------------------- routines

    def _create_routine(self, kind: str, at: int) -> None:
        cursor, facts = self.cursor, self.facts
        if kind == "PACKAGE" and cursor.accept("BODY"):
            facts.operation = "CREATE PACKAGE BODY"
        cursor.if_exists()
        name = cursor.name()
        if not name:
            self._unknown()
            return
        if any(token.key == "SONAME" for token in cursor.tokens[cursor.i : cursor.i + 8]):
            facts.note("OS_COMMAND", at, "SONAME")
            facts.kind = StatementKind.ADMIN
            return
        facts.note("STORED_CODE", at, facts.operation)
        self._write(name, kind.lower())
        before = len(facts.objects)
        if kind == "TRIGGER":
            self._trigger_head(name, before)
            return
        if kind == "EVENT":
            while not cursor.done and cursor.key() != "DO":
                cursor.i += 1
            cursor.i += 1
        else:
            cursor.skip_parenthesis()
        self.read_body(cursor, facts)

    def _trigger_head(self, name: list[str], before: int) -> None:
        cursor, facts = self.cursor, self.facts
        cursor.i += 1  # BEFORE or AFTER
        event = cursor.next().key
        if not cursor.accept("ON"):
            self._unknown()
            return
        table = cursor.name()
        if not table or not cursor.accept("FOR", "EACH", "ROW"):
            self._unknown()
            return
        qualified = [*name[:-1], *table] if len(table) == 1 else table
        self._write(qualified)
        if cursor.accept_any({"FOLLOWS", "PRECEDES"}):
            cursor.name()
        self.read_body(cursor, facts)
        reached = tuple(facts.objects[before + 1 :])
        ref = self.grammar.ref(qualified)
        facts.definitions.append(Definition("trigger", ref, reached, frozenset({event})))

    # ---------------------------------------------------------------- ALTER

    def _alter(self) -> None:
        cursor, facts = self.cursor, self.facts
        self._skip_attributes()
        cursor.accept("IGNORE")
        kind = cursor.key()
        at = cursor.token().start
        facts.operation = f"ALTER {kind}"
        cursor.i += 1
        if kind == "TABLE":
            self._alter_table()
        elif kind == "VIEW":
            self._create_view()
        elif kind in _ROUTINES:
            facts.note("STORED_CODE", at, facts.operation)
            name = cursor.name()
            self._write(name or [""], kind.lower())
            self.read_body(cursor, facts)
        elif kind in ("DATABASE", "SCHEMA"):
            facts.operation = "ALTER DATABASE"
            self._alter_database()
        elif kind == "SEQUENCE":
            cursor.if_exists()
            self._write(cursor.name() or [""], "sequence")
        else:
            self._other(kind, at)

    def _alter_database(self) -> None:
        cursor, facts = self.cursor, self.facts
        option = cursor.key() in _DATABASE_OPTIONS or (
            cursor.key() in _DATABASE_VALUES and (cursor.key(1) == "=" or cursor.token(1).kind == STRING)
        )
        name = [] if option else cursor.name()
        if name:
            facts.add(ObjectRef(name[-1], "database", Access.WRITE))
        elif option:
            facts.at_home = True
        else:
            self._unknown()
        if cursor.key() == "READ":
            facts.note("LOCK", cursor.token().start, "READ ONLY", Severity.ERROR)

    def _alter_table(self) -> None:
        cursor = self.cursor
        cursor.if_exists()
        name = cursor.name()
        if not name:
            self._unknown()
            return
        ref = self._write(name)
        self._patience()
        self._scan_definition(ref)
        depth, begins = 0, True
        while not cursor.done:
            if begins:
                self._action(name)
                begins = False
            key = cursor.next().key
            depth += (key == "(") - (key == ")")
            begins = depth == 0 and key == ","

    def _action(self, table: list[str]) -> None:
        cursor, facts = self.cursor, self.facts
        verb, following = cursor.key(), cursor.key(1)
        at = cursor.token().start
        if verb == "DROP" and following in ("INDEX", "KEY", "FOREIGN", "CONSTRAINT", "CHECK"):
            facts.note("LOCK", at, f"DROP {following}", Severity.INFO)
        elif verb == "DROP" and following == "PRIMARY":
            facts.note("LOCK", at, "DROP PRIMARY KEY")
        elif verb in ("DROP", "TRUNCATE"):
            facts.note("DESTRUCTIVE", at, f"{verb} {cursor.token(1).text}")
        elif verb in ("DISCARD", "IMPORT"):
            facts.note("DESTRUCTIVE", at, f"{verb} {following}", Severity.BLOCK)
        elif verb == "EXCHANGE":
            facts.note("DESTRUCTIVE", at, "EXCHANGE PARTITION")
            self._after_words({"TABLE"}, table)
        elif verb in ("MODIFY", "CHANGE", "CONVERT", "ORDER", "FORCE"):
            facts.note("LOCK", at, verb)
        elif verb in ("RENAME",) and following not in ("COLUMN", "INDEX", "KEY"):
            ahead = Cursor(cursor.tokens, cursor.i + 1, cursor.end)
            ahead.accept_any({"TO", "AS", "="})
            name = ahead.name()
            if name:
                self._write(name if len(name) > 1 else [*table[:-1], *name])
        elif verb == "ENGINE":
            facts.note("LOCK", at, "ENGINE")
        elif verb == "ALGORITHM" and cursor.key(2) == "COPY":
            facts.note("LOCK", at, "ALGORITHM=COPY")

    def _after_words(self, words: set[str], table: list[str]) -> None:
        ahead = Cursor(self.cursor.tokens, self.cursor.i + 1, self.cursor.end)
        while not ahead.done and ahead.key() not in words:
            ahead.i += 1
        ahead.i += 1
        name = ahead.name()
        if name:
            self._write(name if len(name) > 1 else [*table[:-1], *name])

    # ---------------------------------------------------------------- DROP, RENAME, TRUNCATE

    def _drop(self) -> None:
        cursor, facts = self.cursor, self.facts
        temporary = bool(cursor.accept("TEMPORARY"))
        kind = cursor.key()
        at = cursor.token().start
        facts.operation = f"DROP {kind}"
        cursor.i += 1
        if kind in ("TABLE", "TABLES", "VIEW", "SEQUENCE"):
            facts.operation = "DROP TABLE" if kind == "TABLES" else facts.operation
            cursor.if_exists()
            names = cursor.names()
            if not names:
                self._unknown()
            object_type = "table" if kind.startswith("TABLE") else kind.lower()
            for name in names:
                self._write(name, "temporary" if temporary else object_type)
            severity = None if object_type == "table" and not temporary else Severity.WARNING
            facts.note("DESTRUCTIVE", at, facts.operation, severity)
        elif kind == "INDEX":
            self._drop_index(at)
        elif kind in ("DATABASE", "SCHEMA"):
            facts.operation = "DROP DATABASE"
            cursor.if_exists()
            self._database(at)
        elif kind in _ROUTINES:
            if kind == "PACKAGE":
                cursor.accept("BODY")
            cursor.if_exists()
            self._write(cursor.name() or [""], kind.lower())
            facts.note("DESTRUCTIVE", at, facts.operation, Severity.WARNING)
        elif kind == "PREPARE":
            facts.kind = StatementKind.PROCEDURAL
            facts.note("DYNAMIC_SQL", at, "PREPARE")
        else:
            self._other(kind, at)

    def _drop_index(self, at: int) -> None:
        cursor = self.cursor
        cursor.if_exists()
        name = cursor.name()
        table = cursor.name() if cursor.accept("ON") else []
        if not name or not table:
            self._unknown()
            return
        self.facts.add(ObjectRef(name[-1], "index", Access.WRITE, database=self.grammar.ref(table).database))
        self._write(table)
        self.facts.note("LOCK", at, "DROP INDEX", Severity.INFO)

    def _rename(self) -> None:
        cursor, facts = self.cursor, self.facts
        at = cursor.token().start
        if cursor.key() in ("USER", "ROLE"):
            facts.operation = f"RENAME {cursor.key()}"
            self._other("USER", at)
            return
        if not cursor.accept_any({"TABLE", "TABLES"}):
            self._unknown()
            return
        facts.operation = "RENAME TABLE"
        cursor.if_exists()
        while not cursor.done:
            source = cursor.name()
            self._patience()
            moved = cursor.accept("TO")
            target = cursor.name()
            if not (source and moved and target):
                self._unknown()
                return
            self._write(source)
            self._write(target)
            if not cursor.accept(","):
                return

    def _patience(self) -> None:
        """MariaDB: how long to wait for the lock."""
        if self.cursor.accept("WAIT"):
            self.cursor.i += 1
        self.cursor.accept("NOWAIT")

    def _truncate(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.operation = "TRUNCATE TABLE"
        at = cursor.token(-1).start
        cursor.accept("TABLE")
        names = cursor.names()
        if not names:
            self._unknown()
        for name in names:
            self._write(name)
        facts.note("DESTRUCTIVE", at, "TRUNCATE")
