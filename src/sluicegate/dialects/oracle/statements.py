"""What an Oracle statement is, by its first words: an allow-list; everything else stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sluicegate.dialects.common.heads import Simple, note_names
from sluicegate.dialects.oracle.ddl import DdlReader
from sluicegate.dialects.oracle.functions import GRAMMAR, NAMES, SAFE_PACKAGES
from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import is_name, unquote
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.query import note_call
from sluicegate.sql.tokens import HINT, PARAM, QUOTED, STRING, WORD, Token
from sluicegate.sql.words import words

MAX_BODY_DEPTH: Final = 5
QUERY_STARTS: Final = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "(", "VALUES"})
_OUTER_JOIN: Final = ["(", "+", ")"]
_OF_DUAL: Final = words(
    """
    DUMMY NULL SYSDATE SYSTIMESTAMP CURRENT_DATE CURRENT_TIMESTAMP LOCALTIMESTAMP SESSIONTIMEZONE DBTIMEZONE USER UID
    LEVEL ROWNUM ROWID ORA_ROWSCN TRUE FALSE
    """
)


def classify(tokens: Sequence[Token], facts: Facts) -> None:
    """Fill ``facts`` for one statement's significant tokens."""
    plain = prepared(tokens, facts)
    if not plain:
        facts.unknown()
        return
    read(plain, facts, in_body=False)
    note_names(plain, NAMES, facts)
    forget_safe_packages(facts)
    _note_entities(tokens, facts)
    _note_bare_calls(plain, facts)


def _note_entities(tokens: Sequence[Token], facts: Facts) -> None:
    """XML with a document type of its own has the server fetch what that names."""
    for token in tokens:
        if token.kind == WORD and ("XML" in token.key or "EXTRACT" in token.key):
            facts.reusable = False  # it hangs on the literal
        elif token.kind == STRING and ("<!DOCTYPE" in token.text.upper() or "<!ENTITY" in token.text.upper()):
            facts.note("NETWORK", token.start, "<!DOCTYPE")


def _note_bare_calls(tokens: Sequence[Token], facts: Facts) -> None:
    """``SELECT f FROM dual`` calls f: DUAL has no such column."""
    if [token.key for token in tokens[-2:]] != ["FROM", "DUAL"] or tokens[0].key != "SELECT":
        return
    for place in range(1, len(tokens) - 2):
        token = tokens[place]
        alone = tokens[place - 1].key in ("SELECT", ",") and tokens[place + 1].key in (",", "FROM")
        if alone and is_name(token) and token.key not in _OF_DUAL:
            note_call(facts, GRAMMAR, [unquote(token)], token.start, quoted=token.kind == QUOTED)


def prepared(tokens: Sequence[Token], facts: Facts) -> list[Token]:
    """The tokens as readers take them: names in the case that the server gives them, no hints, no marks of
    old outer joins. What the tokens alone tell is noted."""
    plain: list[Token] = []
    count = len(tokens)
    place = 0
    while place < count:
        token = tokens[place]
        place += 1
        if token.kind == HINT:
            facts.note("HINT", token.start, token.text[:60])
        elif token.kind == PARAM and token.text[0] == "&":
            facts.note("CLIENT_COMMAND", token.start, token.text)
            plain.append(token)
        elif token.kind == WORD:
            plain.append(_word(token, plain[-1].key if plain else ""))
        elif token.key == "(" and [part.key for part in tokens[place - 1 : place + 2]] == _OUTER_JOIN:
            place += 2
        else:
            if token.key == "@":
                facts.note("NETWORK", token.start, "@" + (tokens[place].text if place < count else ""))
            plain.append(token)
    return plain


def _word(token: Token, previous: str) -> Token:
    key = token.key
    if key == "MINUS":
        key = "EXCEPT"
    elif key == "APPLY" and previous in ("CROSS", "OUTER"):
        key = "JOIN"
    return Token(WORD, token.key, token.start, key)


def forget_safe_packages(facts: Facts) -> None:
    facts.notes = [
        note
        for note in facts.notes
        if note.code != "STORED_CODE" or note.detail.partition(".")[0] not in SAFE_PACKAGES
    ]
    facts.objects = [
        ref for ref in facts.objects if ref.type != "function" or ref.schema not in SAFE_PACKAGES
    ]


def read(tokens: Sequence[Token], facts: Facts, *, in_body: bool, depth: int = 0) -> None:
    _StatementReader(tokens, facts, in_body=in_body, depth=depth).read()


class _StatementReader(DdlReader):
    def __init__(self, tokens: Sequence[Token], facts: Facts, *, in_body: bool, depth: int) -> None:
        super().__init__(tokens, facts, in_body=in_body)
        self.depth = depth

    def read(self) -> None:
        first = self.cursor.key()
        if first in QUERY_STARTS:
            self._query(first)
            return
        handler = _STATEMENTS.get(first)
        if handler is None:
            self.unknown()
            return
        self.facts.reusable = False
        self.cursor.i += 1
        handler(self)

    # ---------------------------------------------------------------- queries and changes

    def _query(self, first: str) -> None:
        if first == "INSERT" and self.cursor.key(1) in ("ALL", "FIRST"):
            self._insert_all()
            return
        self.statement()
        if first == "VALUES" or (first == "WITH" and self.cursor.key(1) in ("FUNCTION", "PROCEDURE")):
            self.unknown()
        self._written_through_query(first)
        self._dual()
        self._error_log()

    def _written_through_query(self, first: str) -> None:
        """UPDATE (SELECT …) SET …: which table is written takes a catalogue to know."""
        skipped = 2 if self.cursor.key(1) in ("INTO", "FROM") else 1
        if first in ("INSERT", "UPDATE", "DELETE") and self.cursor.key(skipped) == "(":
            self.unknown()

    def _dual(self) -> None:
        for place, token in enumerate(self.tokens):
            if token.key == "DUAL" and place and self.tokens[place - 1].key in ("FROM", ",", "JOIN", "."):
                self.facts.add(ObjectRef("DUAL"))
                return

    def _error_log(self) -> None:
        for place, token in enumerate(self.tokens):
            if token.key == "LOG" and [part.key for part in self.tokens[place + 1 : place + 3]] == [
                "ERRORS",
                "INTO",
            ]:
                self.write(type(self.cursor)(self.tokens, place + 3).name())

    def _insert_all(self) -> None:
        facts = self.facts
        facts.kind = StatementKind.DML
        facts.operation = "INSERT"
        facts.reusable = False
        depth = 0
        for place, token in enumerate(self.tokens):
            depth += (token.key == "(") - (token.key == ")")
            if depth == 0 and token.key == "INTO":
                self.write(type(self.cursor)(self.tokens, place + 1).name())
            elif depth == 0 and token.key in ("SELECT", "WITH"):
                self.expression(2, place)
                self.query(place)
                self._dual()
                return
        self.unknown()

    # ---------------------------------------------------------------- definitions

    def _create(self) -> None:
        if self.create():
            self._stored_body()

    def _stored_body(self) -> None:
        from sluicegate.dialects.oracle.plsql import read_body  # noqa: PLC0415 - bodies hold statements

        read_body(self.tokens, self.cursor.i, self.facts, stored=True, depth=self.depth)

    # ---------------------------------------------------------------- blocks

    def _block(self) -> None:
        from sluicegate.dialects.oracle.plsql import read_body  # noqa: PLC0415 - bodies hold statements

        facts = self.facts
        facts.kind = StatementKind.PROCEDURAL
        facts.operation = "PL/SQL BLOCK"
        facts.transactional = False  # it may commit on its own
        self.note("STORED_CODE", self.tokens[0], "PL/SQL")
        read_body(self.tokens, 0, facts, stored=False, depth=self.depth)

    def _call(self) -> None:
        facts = self.facts
        facts.kind = StatementKind.PROCEDURAL
        facts.operation = "CALL"
        facts.transactional = False
        name = self.cursor.name()
        self.write(name, "procedure")
        self.note("STORED_CODE", self.tokens[0], ".".join(name))
        self.expression(self.cursor.i)

    # ---------------------------------------------------------------- the rest

    def _transaction(self) -> None:
        self.simple(Simple(StatementKind.TCL, "TX_CONTROL"), self.tokens[0].key)
        self.facts.transactional = False

    def _set(self) -> None:
        following = self.cursor.key()
        if following in ("TRANSACTION", "CONSTRAINT", "CONSTRAINTS"):
            self.simple(Simple(StatementKind.TCL, "TX_CONTROL"), f"SET {following}")
            self.facts.transactional = False
        elif following == "ROLE":
            self.simple(Simple(StatementKind.DCL, "PRIVILEGE"), "SET ROLE")
        else:
            self.unknown()

    def _privilege(self) -> None:
        self.simple(Simple(StatementKind.DCL, "PRIVILEGE"), self.tokens[0].key)
        self.facts.transactional = False

    def _admin(self) -> None:
        self.simple(Simple(StatementKind.ADMIN, "ADMIN_FUNC"), self.tokens[0].key)
        self.facts.transactional = False

    def _purge(self) -> None:
        kind = self.cursor.next().key
        self.ddl("PURGE")
        self.note(
            "DESTRUCTIVE",
            self.tokens[0],
            f"PURGE {kind}",
            None if kind in ("TABLE", "INDEX") else Severity.BLOCK,
        )
        if kind in ("TABLE", "INDEX"):
            self.write(self.cursor.name(), kind.lower())

    def _flashback(self) -> None:
        self.ddl("FLASHBACK")
        kind = self.cursor.next().key
        if kind == "TABLE":
            self.write(self.cursor.name())
            self.note("DESTRUCTIVE", self.tokens[0], "FLASHBACK TABLE")
        else:
            self._admin()

    def _lock(self) -> None:
        facts = self.facts
        facts.kind = StatementKind.SESSION
        facts.operation = "LOCK TABLE"
        self.note("LOCK", self.tokens[0], "LOCK TABLE", Severity.ERROR)
        if not self.cursor.accept("TABLE"):
            self.unknown()
        for name in self.cursor.names():
            self.read_name(name)

    def _analyze(self) -> None:
        facts = self.facts
        facts.kind = StatementKind.ADMIN
        facts.operation = "ANALYZE"
        facts.transactional = False
        if self.cursor.accept_any({"TABLE", "INDEX", "CLUSTER"}):
            self.read_name(self.cursor.name())
            self.note("LOCK", self.tokens[0], "ANALYZE")
        else:
            self.unknown()

    def _explain(self) -> None:
        """EXPLAIN PLAN [SET STATEMENT_ID = 'x'] [INTO t] FOR statement: writes into the plan table only."""
        facts, cursor = self.facts, self.cursor
        if not cursor.accept("PLAN"):
            self.unknown()
            return
        if cursor.accept("SET", "STATEMENT_ID", "=") and cursor.token().kind == STRING:
            cursor.i += 1
        target = cursor.name() if cursor.accept("INTO") else ["PLAN_TABLE"]
        if not cursor.accept("FOR"):
            self.unknown()
            return
        inner = Facts()
        read(self.tokens[cursor.i :], inner, in_body=False)
        facts.kind = StatementKind.QUERY if inner.kind is not StatementKind.UNKNOWN else inner.kind
        facts.operation = "EXPLAIN"
        self.facts.add(self.grammar.ref(target, access=Access.WRITE))
        for ref in inner.objects:
            facts.add(ObjectRef(ref.name, ref.type, Access.READ, ref.schema, ref.database))
        facts.notes += [
            note for note in inner.notes if note.code not in ("NO_WHERE", "TAUTOLOGY", "DATA_RETURN")
        ]

    def _label(self) -> None:
        """``<<name>>`` before a block."""
        while not self.cursor.done and self.cursor.key() not in ("BEGIN", "DECLARE"):
            self.cursor.i += 1
        if self.cursor.done:
            self.unknown()
        else:
            self._block()


_STATEMENTS: Final[dict[str, Callable[[_StatementReader], None]]] = {
    **dict.fromkeys(("BEGIN", "DECLARE"), _StatementReader._block),
    **dict.fromkeys(("COMMIT", "ROLLBACK", "SAVEPOINT"), _StatementReader._transaction),
    **dict.fromkeys(("GRANT", "REVOKE", "AUDIT", "NOAUDIT"), _StatementReader._privilege),
    **dict.fromkeys(("ADMINISTER", "ASSOCIATE", "DISASSOCIATE"), _StatementReader._admin),
    "<<": _StatementReader._label,
    "CREATE": _StatementReader._create,
    "ALTER": _StatementReader.alter,
    "DROP": _StatementReader.drop,
    "TRUNCATE": _StatementReader.truncate,
    "RENAME": _StatementReader.rename,
    "COMMENT": _StatementReader.comment,
    "MERGE": _StatementReader.merge,
    "CALL": _StatementReader._call,
    "SET": _StatementReader._set,
    "PURGE": _StatementReader._purge,
    "FLASHBACK": _StatementReader._flashback,
    "LOCK": _StatementReader._lock,
    "ANALYZE": _StatementReader._analyze,
    "EXPLAIN": _StatementReader._explain,
}
