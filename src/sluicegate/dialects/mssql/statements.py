"""What a T-SQL statement is, by its first words: an allow-list; everything else stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sluicegate.dialects.common.heads import Simple, note_names
from sluicegate.dialects.mssql.boundaries import PROCEDURAL
from sluicegate.dialects.mssql.ddl import DdlReader
from sluicegate.dialects.mssql.functions import GRAMMAR, NAMES, PLAIN_PROCEDURES
from sluicegate.dialects.mssql.prepare import MAX_PARTS, prepared
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import unquote
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.query import QueryReader
from sluicegate.sql.tokens import VARIABLE, Token
from sluicegate.sql.words import words

MAX_BODY_DEPTH: Final = 5
_QUERY_STARTS: Final = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "("})
_HARMLESS_SETTINGS: Final = words(
    "NOCOUNT ANSI_NULLS ANSI_PADDING ANSI_WARNINGS ARITHABORT CONCAT_NULL_YIELDS_NULL"
)
_LEXER_SETTINGS: Final = frozenset({"QUOTED_IDENTIFIER", "DATEFORMAT", "LANGUAGE", "ANSI_DEFAULTS"})
_TRANSACTION_SETTINGS: Final = frozenset({"TRANSACTION", "IMPLICIT_TRANSACTIONS", "REMOTE_PROC_TRANSACTIONS"})
_SYSTEM_SCHEMAS: Final = frozenset({"sys", "information_schema"})
_OUTPUT_ENDS: Final = words("VALUES SELECT WHERE FROM EXEC EXECUTE DEFAULT OPTION WITH")
_XML_METHODS: Final = frozenset({"value", "query", "nodes", "exist", "modify", "write", "WRITE"})
_ADMIN: Final = {
    "BACKUP": "FILE_WRITE", "RESTORE": "FILE_READ", "SHUTDOWN": "ADMIN_FUNC", "KILL": "ADMIN_FUNC",
    "RECONFIGURE": "ADMIN_FUNC", "CHECKPOINT": "ADMIN_FUNC", "DBCC": "ADMIN_FUNC", "COPY": "FILE_READ",
    "READTEXT": "ADMIN_FUNC", "WRITETEXT": "ADMIN_FUNC", "UPDATETEXT": "ADMIN_FUNC",
}  # fmt: skip


def classify(tokens: Sequence[Token], facts: Facts) -> None:
    """Fill ``facts`` for one statement's, or one batch's, significant tokens."""
    plain = prepared(tokens, facts)
    if not plain:
        facts.unknown()
        return
    read(plain, facts, in_body=False)
    note_names(plain, NAMES, facts)
    if any(
        token.key == "BULK"
        and plain[place - 1].key == "("
        and place > 1
        and plain[place - 2].key == "OPENROWSET"
        for place, token in enumerate(plain)
    ):
        facts.note("FILE_READ", plain[0].start, "OPENROWSET(BULK …)")
    facts.objects = [ref for ref in facts.objects if not ref.name.startswith("@")]
    facts.notes = [note for note in facts.notes if note.code != "STORED_CODE" or not _method(note.detail)]
    for ref in facts.written():
        if (ref.schema or "").lower() in _SYSTEM_SCHEMAS and ref.type in ("table", "view"):
            facts.note("SYSTEM_SCHEMA", plain[0].start, f"{ref.schema}.{ref.name}")


def _method(name: str) -> bool:
    """``column.value(…)`` and the other methods of xml."""
    _place, dot, last = name.rpartition(".")
    return bool(dot) and last in _XML_METHODS


def read(tokens: Sequence[Token], facts: Facts, *, in_body: bool, depth: int = 0) -> None:
    _StatementReader(tokens, facts, in_body=in_body, depth=depth).read()


class _StatementReader(DdlReader):
    def __init__(self, tokens: Sequence[Token], facts: Facts, *, in_body: bool, depth: int) -> None:
        super().__init__(tokens, facts, in_body=in_body)
        self.depth = depth

    def read(self) -> None:
        first = self.cursor.key()
        if first in _QUERY_STARTS:
            self._query()
            return
        handler = _STATEMENTS.get(first)
        if handler is None:
            self.unknown()
            return
        self.facts.reusable = False
        self.cursor.i += 1
        handler(self)

    # ---------------------------------------------------------------- queries and changes

    def _query(self) -> None:
        if self.cursor.key() == "UPDATE" and self.cursor.key(1) == "STATISTICS":
            self._statistics()
            return
        main = self._main_verb()
        if main == "MERGE" and self.cursor.key() == "WITH":
            self.unknown()
            return
        if main != "SELECT":
            self.tokens = self._changed(list(self.tokens))
        into = self._into() if main == "SELECT" else []
        self.cursor = Cursor(self.tokens)
        executes = next(
            (place for place, token in enumerate(self.tokens) if self._executes(place, main)), None
        )
        if executes is not None:
            self._insert_exec(executes)
            return
        self.statement()
        if self.tokens[0].key == "WITH" and main != "SELECT":
            self._through_tables_of_with()
        if into:
            self._created(into)

    def _through_tables_of_with(self) -> None:
        """WITH c AS (SELECT … FROM t) DELETE FROM c removes rows of t."""
        facts = self.facts
        named = {
            unquote(token).casefold()
            for place, token in enumerate(self.tokens[:-2])
            if self.tokens[place + 1].key == "AS" and self.tokens[place + 2].key == "("
        }
        hidden = [ref for ref in facts.written() if ref.schema is None and ref.name.casefold() in named]
        if not hidden:
            return
        facts.objects = [ref for ref in facts.objects if ref not in hidden]
        for ref in [ref for ref in facts.objects if ref.type == "table" and ref.access is Access.READ]:
            facts.add(replace(ref, access=Access.WRITE))

    def _main_verb(self) -> str:
        depth = 0
        for token in self.tokens:
            depth += (token.key == "(") - (token.key == ")")
            if depth == 0 and token.key in ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"):
                return token.key
        return "SELECT"

    def _changed(self, tokens: list[Token]) -> list[Token]:
        """A change without TOP (…) and OUTPUT …, whose target is noted."""
        plain: list[Token] = []
        depth, place = 0, 0
        while place < len(tokens):
            token = tokens[place]
            depth += (token.key == "(") - (token.key == ")")
            if (
                depth == 0
                and token.key == "TOP"
                and plain
                and plain[-1].key in ("INSERT", "UPDATE", "DELETE", "MERGE")
            ):
                ahead = Cursor(tokens, place + 1)
                if ahead.key() == "(":
                    ahead.skip_parenthesis()
                else:
                    ahead.i += 1
                ahead.accept("PERCENT")
                place = ahead.i
                continue
            if depth == 0 and token.key == "OUTPUT" and plain and plain[-1].key != ".":
                place = self._output(tokens, place)
                continue
            plain.append(token)
            place += 1
        return plain

    def _output(self, tokens: list[Token], start: int) -> int:
        scan = Cursor(tokens, start + 1)
        depth = 0
        into = False
        while not scan.done:
            key = scan.key()
            if depth == 0 and key in _OUTPUT_ENDS and scan.key(-1) != ".":
                break
            if depth == 0 and key == "INTO":
                into = True
                scan.i += 1
                self.write(scan.name())
                scan.skip_parenthesis()
                continue
            depth += (key == "(") - (key == ")")
            scan.i += 1
        if not into:
            self.note("DATA_RETURN", tokens[start], "OUTPUT")
        QueryReader(tokens, GRAMMAR, self.facts, in_body=True).read_expression(start + 1, scan.i)
        return scan.i

    def _into(self) -> list[str]:
        """SELECT … INTO table: the name, which is cut out."""
        depth = 0
        for place, token in enumerate(self.tokens):
            depth += (token.key == "(") - (token.key == ")")
            if depth == 0 and token.key == "INTO" and place:
                scan = Cursor(self.tokens, place + 1)
                name = scan.name()
                if name:
                    self.tokens = [*self.tokens[:place], *self.tokens[scan.i :]]
                return name
        return []

    def _created(self, name: list[str]) -> None:
        facts = self.facts
        if facts.kind is StatementKind.UNKNOWN:
            return
        self.ddl("CREATE TABLE AS", transactional=True)
        ref = self.write(name)
        if ref.type == "temporary":
            facts.temporary.append(ref.name)
            self.note("SESSION_STATE", self.tokens[0], "TEMPORARY TABLE", Severity.WARNING)
        else:
            self.note("LINT", self.tokens[0], "SELECT INTO")

    def _executes(self, place: int, main: str) -> bool:
        return (
            main == "INSERT"
            and self.tokens[place].key in ("EXEC", "EXECUTE")
            and self.tokens[place - 1].key != "."
        )

    def _insert_exec(self, place: int) -> None:
        """INSERT INTO t EXEC procedure."""
        facts, cursor = self.facts, self.cursor
        cursor.i += 1
        cursor.accept("INTO")
        self.write(cursor.name())
        inner = Facts()
        read(self.tokens[place:], inner, in_body=True, depth=self.depth)
        for ref in inner.objects:
            facts.add(ref)
        facts.notes += inner.notes
        facts.kind = inner.kind if inner.kind is StatementKind.UNKNOWN else StatementKind.DML
        facts.operation = "INSERT"
        facts.reusable = False

    def _statistics(self) -> None:
        facts = self.facts
        facts.kind = StatementKind.ADMIN
        facts.operation = "UPDATE STATISTICS"
        facts.reusable = False
        self.cursor.i += 2
        self.read_name(self.cursor.name())

    def _merge(self) -> None:
        self.tokens = self._changed(list(self.tokens))
        self.cursor = Cursor(self.tokens, 1)
        self.merge()

    # ---------------------------------------------------------------- definitions

    def _create(self) -> None:
        if self.create():
            self._routine_body()

    def _alter(self) -> None:
        if self.alter():
            self._routine_body()

    def _routine_body(self) -> None:
        from sluicegate.dialects.mssql.batches import read_batch, routine_start  # noqa: PLC0415 - bodies hold statements

        if "TRIGGER" in self.facts.operation:
            self.trigger_table()
        start = routine_start(self.tokens, self.cursor.i)
        self.expression(self.cursor.i, start)
        read_batch(self.tokens, start, self.facts, stored=True, depth=self.depth)

    def _batch(self) -> None:
        from sluicegate.dialects.mssql.batches import read_batch  # noqa: PLC0415 - bodies hold statements

        if self.tokens[0].key == "BEGIN" and self.cursor.key() in ("TRAN", "TRANSACTION", "DISTRIBUTED"):
            self._transaction()
            return
        facts = self.facts
        facts.kind = StatementKind.PROCEDURAL
        facts.operation = "BATCH"
        self.note("STORED_CODE", self.tokens[0], self.tokens[0].text)
        read_batch(self.tokens, 0, facts, stored=False, depth=self.depth)

    def _switch_trigger(self) -> None:
        """ENABLE | DISABLE TRIGGER name ON table."""
        self.ddl(f"{self.tokens[0].key} TRIGGER", transactional=True)
        if not self.cursor.accept("TRIGGER"):
            self.unknown()
            return
        names = self.cursor.names()
        for name in names or [[]]:
            self.write(name, "trigger")
        if not self.cursor.accept("ON"):
            self.unknown()
            return
        self.write(self.cursor.name())
        self.note("INDIRECT", self.tokens[0], self.facts.operation)

    # ---------------------------------------------------------------- EXEC

    def _exec(self) -> None:
        facts, cursor = self.facts, self.cursor
        facts.kind = StatementKind.PROCEDURAL
        facts.operation = "EXEC"
        at = self.tokens[0]
        if cursor.accept("AS"):
            self.simple(Simple(StatementKind.DCL, "PRIVILEGE"), "EXECUTE AS")
            return
        if cursor.key() == "(":
            self.note("DYNAMIC_SQL", at, "EXEC (…)")
            if any(token.key == "AT" for token in self.tokens):
                self.note("NETWORK", at, "EXEC … AT")
            self.expression(cursor.i)
            return
        if cursor.key(1) == "=":
            cursor.i += 2
        name = cursor.name()
        if not name or name[-1].startswith("@"):
            self.note("DYNAMIC_SQL", at, "EXEC @variable")
            return
        self._procedure(name, at)
        self.expression(cursor.i)

    def _procedure(self, name: list[str], at: Token) -> None:
        self.write(name, "procedure")
        last = name[-1].upper()
        if len(name) > MAX_PARTS:
            self.note("NETWORK", at, ".".join(name))
        if last in NAMES:
            return  # noted with all other names
        if last.startswith("XP_"):
            self.note("OS_COMMAND", at, name[-1])
        elif last.startswith("SP_") and last not in PLAIN_PROCEDURES:
            self.note("ADMIN_FUNC", at, name[-1])
        self.note("STORED_CODE", at, ".".join(name))

    # ---------------------------------------------------------------- sessions, transactions, the server

    def _set(self) -> None:
        cursor, facts = self.cursor, self.facts
        facts.kind = StatementKind.SESSION
        facts.operation = "SET"
        token = cursor.token()
        name = token.key
        on = any(part.key == "ON" for part in self.tokens[2:])
        if token.kind == VARIABLE:
            facts.kind = StatementKind.PROCEDURAL
            self.note("STORED_CODE", self.tokens[0], "SET @")
            self.expression(cursor.i)
        elif name in _TRANSACTION_SETTINGS:
            facts.kind = StatementKind.TCL
            self.note("TX_CONTROL", token)
        elif name == "IDENTITY_INSERT":
            cursor.i += 1
            self.write(cursor.name())
            self.note("SESSION_STATE", token, "", Severity.WARNING)
        elif name in _LEXER_SETTINGS:
            self.note("SET_LEXER", token, "", Severity.INFO if name == "QUOTED_IDENTIFIER" and on else None)
        elif name in _HARMLESS_SETTINGS and on:
            self.note("SET_SESSION", token, "", Severity.INFO)
        elif name in ("XACT_ABORT", "LOCK_TIMEOUT"):
            self.note("SET_SESSION", token, "", Severity.WARNING)
        else:
            self.note("SET_SESSION", token)

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

    def _transaction(self) -> None:
        self.simple(Simple(StatementKind.TCL, "TX_CONTROL"), self.tokens[0].key)
        self.facts.transactional = False

    def _privilege(self) -> None:
        self.simple(Simple(StatementKind.DCL, "PRIVILEGE"), self.tokens[0].key)

    def _admin(self) -> None:
        first = self.tokens[0].key
        self.simple(Simple(StatementKind.ADMIN, _ADMIN[first]), first)
        self.facts.transactional = False

    def _bulk(self) -> None:
        facts = self.facts
        facts.kind = StatementKind.DML
        facts.operation = "BULK INSERT"
        self.note("FILE_READ", self.tokens[0], "BULK INSERT")
        if self.cursor.accept("INSERT"):
            self.write(self.cursor.name())
        else:
            self.unknown()

    def _wait(self) -> None:
        self.facts.kind = StatementKind.PROCEDURAL
        self.facts.operation = "WAITFOR"
        self.note("DOS", self.tokens[0], "WAITFOR", Severity.BLOCK)

    def _print(self) -> None:
        self.facts.kind = StatementKind.QUERY
        self.facts.operation = self.tokens[0].key
        self.expression(1)


_STATEMENTS: Final[dict[str, Callable[[_StatementReader], None]]] = {
    **dict.fromkeys(PROCEDURAL, _StatementReader._batch),
    **dict.fromkeys(("COMMIT", "ROLLBACK", "SAVE"), _StatementReader._transaction),
    **dict.fromkeys(("GRANT", "REVOKE", "DENY", "REVERT", "SETUSER"), _StatementReader._privilege),
    **dict.fromkeys(_ADMIN, _StatementReader._admin),
    **dict.fromkeys(("EXEC", "EXECUTE"), _StatementReader._exec),
    **dict.fromkeys(("ENABLE", "DISABLE"), _StatementReader._switch_trigger),
    "PRINT": _StatementReader._print,
    "CREATE": _StatementReader._create,
    "ALTER": _StatementReader._alter,
    "DROP": _StatementReader.drop,
    "TRUNCATE": _StatementReader.truncate,
    "MERGE": _StatementReader._merge,
    "SET": _StatementReader._set,
    "USE": _StatementReader._use,
    "BULK": _StatementReader._bulk,
    "WAITFOR": _StatementReader._wait,
}
