"""PL/SQL bodies: the SQL statements and calls in them, one by one.

It is no grammar of PL/SQL: whatever isn't a statement of SQL is read as an expression, whose calls and
sub-queries count. What the server would refuse anyway may pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sluicegate.dialects.common.heads import merge_facts
from sluicegate.dialects.oracle import statements
from sluicegate.dialects.oracle.functions import GRAMMAR
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Definition, Facts
from sluicegate.sql.model import Access, Severity, StatementKind
from sluicegate.sql.query import QueryReader, note_call
from sluicegate.sql.tokens import Token
from sluicegate.sql.words import words

_SQL: Final = words("SELECT WITH INSERT UPDATE DELETE MERGE LOCK COMMIT ROLLBACK SAVEPOINT SET")
_NEVER_STATIC: Final = words(
    "CREATE DROP ALTER TRUNCATE GRANT REVOKE RENAME COMMENT PURGE AUDIT FLASHBACK ANALYZE"
)
_SEPARATORS: Final = words("BEGIN DECLARE THEN ELSE LOOP EXCEPTION IS AS >>")
_TIMES: Final = frozenset({"BEFORE", "AFTER", "INSTEAD"})
_NO_CALL: Final = frozenset({"NULL", "END", "RETURN", "EXIT", "CONTINUE", "RAISE", "NOT"})


def read_body(tokens: Sequence[Token], start: int, facts: Facts, *, stored: bool, depth: int) -> None:
    """Everything from ``start`` on. ``stored``: it runs when somebody calls it."""
    if depth >= statements.MAX_BODY_DEPTH:
        facts.unknown(tokens[start].start if start < len(tokens) else -1, "BEGIN")
        return
    for begin, end in _parts(tokens, start):
        inner = Facts(StatementKind.PROCEDURAL)
        _Part(tokens[begin:end], inner, depth).read()
        merge_facts(facts, inner, stored=stored)
        facts.definitions += inner.definitions
        if tokens[begin].key in _NEVER_STATIC and tokens[begin + 1].key != "(":
            # No PL/SQL, but a statement behind the block: the line with / between them lacks.
            facts.unknown(tokens[begin].start, tokens[begin].text)


def _parts(tokens: Sequence[Token], start: int) -> Iterator[tuple[int, int]]:
    """Begin and end of whatever stands between ``;`` and the words that hold blocks together."""
    begin, depth, cases = start, 0, 0
    for place in range(start, len(tokens)):
        key = tokens[place].key
        depth += (key == "(") - (key == ")")
        if depth > 0:
            continue
        sql = tokens[begin].key in _SQL and begin < place
        if key == "CASE" and place > begin and tokens[place - 1].key != "END":
            cases += 1
        elif key == "END" and cases:
            cases -= 1
        elif key == ";" or (key in _SEPARATORS and not sql and not cases):
            if begin < place:
                yield begin, place
            begin, cases = place + 1, 0
    if begin < len(tokens):
        yield begin, len(tokens)


class _Part:
    def __init__(self, tokens: Sequence[Token], facts: Facts, depth: int) -> None:
        self.tokens = tokens
        self.facts = facts
        self.depth = depth

    def read(self) -> None:
        tokens, facts = self.tokens, self.facts
        first = tokens[0].key
        following = tokens[1].key if len(tokens) > 1 else ""
        if first in _SQL and not (first == "SET" and following not in ("TRANSACTION", "ROLE")):
            statements.read(tokens, facts, in_body=True, depth=self.depth + 1)
        elif first == "EXECUTE" and following == "IMMEDIATE":
            facts.note("DYNAMIC_SQL", tokens[0].start, "EXECUTE IMMEDIATE")
            self._expression()
        elif first == "PRAGMA" and following == "AUTONOMOUS_TRANSACTION":
            facts.note("TX_CONTROL", tokens[0].start, "AUTONOMOUS_TRANSACTION")
        elif first == "LANGUAGE" and following in ("C", "JAVA", "JAVASCRIPT"):
            facts.note("OS_COMMAND", tokens[0].start, f"LANGUAGE {following}")
        elif first == "OPEN":
            self._open()
        elif first == "FORALL":
            self._inner(frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "EXECUTE"}))
        elif first in _TIMES or (first == "FOR" and following in ("INSERT", "UPDATE", "DELETE")):
            self._trigger()
        else:
            self._call()
            self._expression()

    def _expression(self) -> None:
        QueryReader(self.tokens, GRAMMAR, self.facts, in_body=True).read_expression(0, len(self.tokens))

    def _call(self) -> None:
        """A procedure without arguments is only a name."""
        cursor = Cursor(self.tokens)
        if cursor.key() in _NO_CALL:
            return
        at = cursor.token()
        name = cursor.name()
        if name and cursor.done:
            note_call(self.facts, GRAMMAR, name, at.start, quoted=at.kind == "QUOTED")

    def _open(self) -> None:
        """OPEN cursor FOR query, or FOR a text."""
        for place, token in enumerate(self.tokens):
            if token.key == "FOR":
                if self.tokens[place + 1 : place + 2] and self.tokens[place + 1].key in (
                    "SELECT",
                    "WITH",
                    "(",
                ):
                    self._nested(place + 1)
                else:
                    self.facts.note("DYNAMIC_SQL", token.start, "OPEN FOR")
                return
        self._expression()

    def _inner(self, verbs: frozenset[str]) -> None:
        for place, token in enumerate(self.tokens):
            if token.key in verbs:
                self._nested(place)
                return
        self._expression()

    def _nested(self, place: int) -> None:
        _Part(self.tokens[place:], self.facts, self.depth).read()

    def _trigger(self) -> None:
        cursor = Cursor(self.tokens)
        events = frozenset(token.key for token in self.tokens if token.key in ("INSERT", "UPDATE", "DELETE"))
        while not cursor.done and cursor.key() != "ON":
            cursor.i += 1
        cursor.i += 1
        name = cursor.name()
        if name in (["DATABASE"], ["SCHEMA"]):  # set off by definitions and logins, of everybody
            self.facts.note("STORED_CODE", self.tokens[0].start, f"TRIGGER ON {name[0]}", Severity.BLOCK)
        elif name:
            ref = GRAMMAR.ref(name, access=Access.WRITE)
            self.facts.add(ref)
            self.facts.definitions.append(Definition("trigger", GRAMMAR.ref(name), (), events))
        self._expression()
