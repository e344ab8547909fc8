"""ClickHouse's definitions. Nothing of it takes part in transactions."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.clickhouse.functions import ENGINES, GRAMMAR, PLAIN_ENGINES
from sluicegate.dialects.common.heads import HeadReader, Simple
from sluicegate.sql.conditions import filters_nothing
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Definition
from sluicegate.sql.grammar import Danger, is_name, unquote
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.words import words

_DCL: Final = StatementKind.DCL
_ADMIN: Final = StatementKind.ADMIN
_SIMPLE: Final = {
    **dict.fromkeys(
        ("USER", "ROLE", "ROW", "POLICY", "QUOTA", "SETTINGS", "PROFILE", "NAMED", "MASKING"),
        Simple(_DCL, "PRIVILEGE"),
    ),
    **dict.fromkeys(("WORKLOAD", "RESOURCE"), Simple(_ADMIN, "ADMIN_FUNC")),
}
_ACTIONS: Final = words(
    """
    ADD DROP CLEAR COMMENT MODIFY ALTER RENAME MATERIALIZE DELETE UPDATE DETACH ATTACH REPLACE MOVE FREEZE UNFREEZE FETCH RESET
    REMOVE APPLY FORGET EXPORT
    """
)
_SOURCES: Final = {
    **dict.fromkeys(
        words("HTTP MYSQL POSTGRESQL MONGODB REDIS CASSANDRA ODBC JDBC YTSAURUS"), Danger("NETWORK")
    ),
    "FILE": Danger("FILE_READ"),
    **dict.fromkeys(("EXECUTABLE", "EXECUTABLEPOOL", "EXECUTABLE_POOL"), Danger("OS_COMMAND")),
    "LIBRARY": Danger("OS_COMMAND"),
}
_OBJECTS: Final = {
    "TABLE": "table",
    "VIEW": "view",
    "DICTIONARY": "table",
    "FUNCTION": "function",
    "INDEX": "index",
}


class DdlReader(HeadReader):
    grammar = GRAMMAR

    def ddl(self, operation: str, *, transactional: bool = False) -> None:
        super().ddl(operation, transactional=transactional)

    # ---------------------------------------------------------------- CREATE and ATTACH

    def create(self) -> None:
        cursor = self.cursor
        verb = self.tokens[0].key
        replaces = cursor.accept("OR", "REPLACE")
        adjective = cursor.accept_any({"TEMPORARY", "MATERIALIZED", "LIVE", "WINDOW", "UNIQUE"})
        at = cursor.token()
        kind = cursor.next().key
        self.ddl(f"{verb} {kind}".strip())
        if kind in _SIMPLE:
            self.simple(_SIMPLE[kind], f"{verb} {kind}")
            return
        cursor.if_exists()
        if replaces or verb == "REPLACE":
            self.note("DESTRUCTIVE", at, "REPLACE")
        if verb == "ATTACH":
            self.note("FILE_READ", at, "ATTACH")
        if kind == "DATABASE":
            self._database()
        elif kind == "TABLE":
            self._create_table(temporary=adjective == "TEMPORARY")
        elif kind == "VIEW":
            self._create_view(adjective)
        elif kind == "DICTIONARY":
            self.write(cursor.name())
            self._sources()
        elif kind == "FUNCTION":
            self.note("STORED_CODE", at, "CREATE FUNCTION")
            self.write(cursor.name(), "function")
            self.expression(cursor.i)
        elif kind == "INDEX":
            self.write(cursor.name(), "index")
            if not cursor.accept("ON"):
                self.unknown()
            self.write(cursor.name())
        else:
            self.unknown()

    def _database(self) -> None:
        name = self.cursor.name()
        if not name:
            self.unknown()
            return
        self.facts.add(ObjectRef(name[-1], "database", Access.WRITE))
        self._engines()

    def _create_table(self, *, temporary: bool) -> None:
        cursor, facts = self.cursor, self.facts
        name = cursor.name()
        self.write(name, "temporary" if temporary else "table")
        if temporary and name:
            facts.temporary.append(name[-1])
            self.note("SESSION_STATE", self.tokens[0], "TEMPORARY TABLE", Severity.WARNING)
        if cursor.accept("CLONE", "AS") or (
            cursor.key() == "AS" and is_name(cursor.token(1)) and cursor.key(1) != "SELECT"
        ):
            cursor.accept("AS")
            if cursor.key(1) != "(" and cursor.key() != "WITH":
                self.read_name(cursor.name())
        if cursor.accept("FROM"):
            self.note("FILE_READ", cursor.token(), "ATTACH … FROM")
        self._engines()
        start = self.first_query(cursor.i)
        if start is not None:
            facts.operation = "CREATE TABLE AS"
            self.query(start)
        else:
            self.expression(cursor.i)

    def _create_view(self, adjective: str) -> None:
        cursor, facts = self.cursor, self.facts
        if adjective == "MATERIALIZED":
            facts.operation = "CREATE MATERIALIZED VIEW"
        ref = self.write(cursor.name(), "view")
        self._engines()
        for place in range(cursor.i, len(self.tokens)):
            if self.tokens[place].key == "TO" and self.tokens[place - 1].key != ".":
                self.write(Cursor(self.tokens, place + 1).name())
                break
            if self.tokens[place].key in ("AS", "("):
                break
        start = self.first_query(cursor.i)
        if start is None:
            self.unknown()
            return
        before = len(facts.objects)
        if self.query(start) != "SELECT":
            self.unknown()
        facts.definitions.append(Definition("view", ref, tuple(facts.objects[before:])))
        if adjective == "MATERIALIZED":
            self.note("INDIRECT", self.tokens[0], "MATERIALIZED VIEW")

    def _engines(self) -> None:
        """ENGINE = name, wherever it stands; table functions are noted with all calls."""
        tokens = self.tokens
        for place in range(self.cursor.i, len(tokens) - 1):
            if tokens[place].key != "ENGINE" or tokens[place - 1].key == ".":
                continue
            value = (
                tokens[place + 2]
                if tokens[place + 1].key == "=" and place + 2 < len(tokens)
                else tokens[place + 1]
            )
            if not is_name(value):
                continue
            name = unquote(value).upper()
            danger = ENGINES.get(name)
            if danger is not None:
                self.note(danger.code, value, f"ENGINE = {value.text}", danger.severity)
            elif not name.endswith("MERGETREE") and name not in PLAIN_ENGINES:
                self.facts.unknown(value.start, f"ENGINE = {value.text}")

    def _sources(self) -> None:
        tokens = self.tokens
        for place in range(self.cursor.i, len(tokens) - 2):
            if tokens[place].key == "SOURCE" and tokens[place + 1].key == "(":
                name = tokens[place + 2].text.upper()
                danger = _SOURCES.get(name)
                if danger is not None:
                    self.note(danger.code, tokens[place + 2], f"SOURCE({name})", danger.severity)
                elif name == "CLICKHOUSE":
                    remote = any(token.key == "HOST" for token in tokens[place:])
                    self.note("NETWORK" if remote else "STORED_CODE", tokens[place + 2], "SOURCE(CLICKHOUSE)")
                elif name != "NULL":
                    self.facts.unknown(tokens[place + 2].start, f"SOURCE({name})")

    # ---------------------------------------------------------------- ALTER

    def alter(self) -> None:
        cursor = self.cursor
        cursor.accept("TEMPORARY")
        kind = cursor.next().key
        self.ddl(f"ALTER {kind}".strip())
        if kind in _SIMPLE:
            self.simple(_SIMPLE[kind], f"ALTER {kind}")
            return
        if kind == "DATABASE":
            self._database()
            self.note("ADMIN_FUNC", self.tokens[0], "ALTER DATABASE")
            return
        if kind != "TABLE":
            self.unknown()
            return
        cursor.if_exists()
        name = cursor.name()
        self.write(name)
        if not name or cursor.key() not in _ACTIONS | {"("}:
            self.unknown()
            return
        starts = self._action_starts()
        for begin, end in zip(starts, [*starts[1:], len(self.tokens)], strict=True):
            self._action(begin, end, name)
        self.expression(cursor.i)

    def _action_starts(self) -> list[int]:
        depth, starts = 0, [self.cursor.i]
        for place in range(self.cursor.i, len(self.tokens) - 1):
            key = self.tokens[place].key
            depth += (key in ("(", "[")) - (key in (")", "]"))
            follows = self.tokens[place + 1].key in _ACTIONS
            if (
                depth == 0
                and key == ","
                and follows
                and self.tokens[min(place + 2, len(self.tokens) - 1)].key != "="
            ):
                starts.append(place + 1)
        return starts

    def _action(self, begin: int, end: int, table: list[str]) -> None:
        scan = Cursor(self.tokens, begin, end)
        while scan.accept("("):
            pass
        at = scan.token()
        verb, following = scan.key(), scan.key(1)
        if verb in ("UPDATE", "DELETE"):
            self._mutation(verb, scan.i, end)
        elif verb in ("DROP", "CLEAR", "DETACH", "FORGET") and following not in (
            "INDEX",
            "PROJECTION",
            "CONSTRAINT",
            "STATISTICS",
        ):
            self.note("DESTRUCTIVE", at, f"{verb} {following}")
        elif verb in ("DROP", "CLEAR"):
            self.note("LOCK", at, f"{verb} {following}", Severity.INFO)
        elif verb in ("FREEZE", "UNFREEZE"):
            self.note("FILE_WRITE", at, verb)
        elif verb in ("FETCH", "EXPORT"):
            self.note("NETWORK", at, f"{verb} {following}")
        elif verb in ("ATTACH", "REPLACE", "MOVE"):
            self.note(
                "DESTRUCTIVE", at, f"{verb} {following}", None if verb != "ATTACH" else Severity.WARNING
            )
            self._other_table(scan, table, writes=verb == "MOVE")
        elif verb == "MODIFY" and following == "TTL":
            self.note("DESTRUCTIVE", at, "MODIFY TTL")
        elif verb in ("MODIFY", "ALTER", "MATERIALIZE", "APPLY"):
            self.note("LOCK", at, f"{verb} {following}")
        elif verb not in _ACTIONS:
            self.unknown()

    def _mutation(self, verb: str, begin: int, end: int) -> None:
        facts = self.facts
        facts.kind = StatementKind.DML
        facts.operation = f"ALTER {verb}"
        self.note("NON_TX", self.tokens[begin], f"ALTER TABLE … {verb}")
        depth = 0
        for place in range(begin, end):
            key = self.tokens[place].key
            depth += (key == "(") - (key == ")")
            if depth == 0 and key == "WHERE":
                stop = end - 1 if self.tokens[end - 1].key == "," else end
                if filters_nothing(self.tokens[place + 1 : stop]):
                    self.note("TAUTOLOGY", self.tokens[place])
                return
        self.note("NO_WHERE", self.tokens[begin], verb)

    def _other_table(self, scan: Cursor, table: list[str], *, writes: bool) -> None:
        while not scan.done:
            if scan.key() == "FROM" or (scan.key() == "TABLE" and scan.key(-1) == "TO"):
                scan.i += 1
                name = scan.name()
                qualified = name if len(name) > 1 else [*table[:-1], *name]
                if writes:
                    self.write(qualified)
                else:
                    self.read_name(qualified)
                return
            scan.i += 1

    # ---------------------------------------------------------------- DROP and its like

    def drop(self) -> None:
        cursor = self.cursor
        verb = self.tokens[0].key
        cursor.accept("TEMPORARY")
        at = cursor.token()
        kind = cursor.next().key
        self.ddl(f"{verb} {kind}".strip())
        if kind in _SIMPLE:
            self.simple(_SIMPLE[kind], f"{verb} {kind}")
            return
        cursor.if_exists()
        if kind == "DATABASE":
            name = cursor.name()
            self.facts.add(ObjectRef(name[-1] if name else "", "database", Access.WRITE))
            self.note("DESTRUCTIVE", at, f"{verb} DATABASE", Severity.BLOCK)
        elif kind in _OBJECTS:
            for name in cursor.names() or [[]]:
                self.write(name, _OBJECTS[kind])
            mild = kind in ("VIEW", "FUNCTION", "INDEX")
            self.note("DESTRUCTIVE", at, self.facts.operation, Severity.WARNING if mild else None)
        else:
            self.unknown()

    def truncate(self) -> None:
        cursor = self.cursor
        self.ddl("TRUNCATE TABLE")
        cursor.accept("TEMPORARY")
        if cursor.key() in ("DATABASE", "ALL", "TABLES"):
            self.facts.operation = "TRUNCATE DATABASE"
            self.note("DESTRUCTIVE", self.tokens[0], "TRUNCATE DATABASE", Severity.BLOCK)
            return
        cursor.accept("TABLE")
        cursor.if_exists()
        self.write(cursor.name())
        self.note("DESTRUCTIVE", self.tokens[0], "TRUNCATE")

    def rename(self) -> None:
        """RENAME … a TO b, c TO d; EXCHANGE … a AND b."""
        cursor = self.cursor
        verb = self.tokens[0].key
        kind = cursor.accept_any({"TABLE", "TABLES", "DICTIONARY", "DICTIONARIES", "DATABASE"})
        self.ddl(f"{verb} {kind}".strip())
        between = "TO" if verb == "RENAME" else "AND"
        cursor.if_exists()
        while True:
            for step in (0, 1):
                name = cursor.name()
                if kind == "DATABASE" and name:
                    self.facts.add(ObjectRef(name[-1], "database", Access.WRITE))
                else:
                    self.write(name)
                if step == 0 and not cursor.accept(between):
                    self.unknown()
                    return
            if not cursor.accept(","):
                break
        if verb == "EXCHANGE":
            self.note("DESTRUCTIVE", self.tokens[0], f"EXCHANGE {kind}", Severity.WARNING)
        if not cursor.done:
            self.unknown()
