"""What readers of statements share beyond queries: heads of definitions, MERGE, names that do more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sluicegate.sql.conditions import filters_nothing
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import Danger, Grammar, is_name, unquote
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.query import QueryReader, note_call
from sluicegate.sql.tokens import Token


@dataclass(frozen=True, slots=True)
class Simple:
    """A statement of which only its kind matters; ``code`` is the rule that speaks about it."""

    kind: StatementKind
    code: str
    severity: Severity | None = None


class HeadReader:
    """Reads one statement of ``tokens`` into ``facts``; dialects add the statements."""

    grammar: Grammar

    def __init__(self, tokens: Sequence[Token], facts: Facts, *, in_body: bool = False) -> None:
        self.tokens = tokens
        self.facts = facts
        self.in_body = in_body
        self.cursor = Cursor(tokens)

    # ---------------------------------------------------------------- notes

    def unknown(self) -> None:
        token = self.cursor.token()
        if token.start < 0 and self.tokens:
            token = self.tokens[-1]
        self.facts.unknown(token.start, token.text[:60])

    def note(self, code: str, at: Token, detail: str = "", severity: Severity | None = None) -> None:
        self.facts.note(code, at.start, (detail or at.text)[:60], severity)

    def simple(self, simple: Simple, operation: str) -> None:
        self.facts.kind = simple.kind
        self.facts.operation = operation
        self.note(simple.code, self.tokens[0], operation, simple.severity)

    def ddl(self, operation: str, *, transactional: bool) -> None:
        self.facts.kind = StatementKind.DDL
        self.facts.operation = operation
        self.facts.transactional = transactional
        self.facts.reusable = False

    # ---------------------------------------------------------------- objects

    def write(self, name: list[str], kind: str = "table") -> ObjectRef:
        """The object, as written; without a name the statement is unknown."""
        ref = self.grammar.ref(name or [""], kind=kind, access=Access.WRITE)
        if name:
            self.facts.add(ref)
        else:
            self.unknown()
        return ref

    def read_name(self, name: list[str], kind: str = "table") -> None:
        if name:
            self.facts.add(self.grammar.ref(name, kind=kind))
        else:
            self.unknown()

    # ---------------------------------------------------------------- queries

    def query(self, start: int, end: int | None = None) -> str:
        """Reads a query or change; returns its verb."""
        return QueryReader(self.tokens, self.grammar, self.facts, in_body=self.in_body).read(start, end)

    def expression(self, start: int, end: int | None = None) -> None:
        stop = len(self.tokens) if end is None else end
        if start < stop:
            QueryReader(self.tokens, self.grammar, self.facts, in_body=self.in_body).read_expression(
                start, stop
            )

    def statement(self) -> None:
        """A query or change as a whole statement."""
        facts = self.facts
        facts.kind = StatementKind.QUERY
        facts.operation = "SELECT"
        verb = self.query(0)
        if facts.kind is StatementKind.UNKNOWN:
            return
        if not verb:
            self.unknown()
            return
        facts.operation = verb
        if verb != "SELECT":
            facts.kind = StatementKind.DML

    def first_query(self, start: int) -> int | None:
        """Where the first SELECT or WITH outside parentheses stands, with the parentheses around it."""
        depth = 0
        for place in range(start, len(self.tokens)):
            key = self.tokens[place].key
            depth += (key == "(") - (key == ")")
            if key in ("SELECT", "WITH") and self.tokens[place - 1].key not in (".", ")"):
                while place > start and self.tokens[place - 1].key == "(":
                    place -= 1  # noqa: PLW2901 - back to where its parentheses open
                return place if depth <= 1 else None
        return None

    # ---------------------------------------------------------------- MERGE

    def merge(self) -> None:
        """MERGE INTO t USING s ON … WHEN …; the cursor stands behind MERGE."""
        facts, cursor = self.facts, self.cursor
        facts.kind = StatementKind.DML
        facts.operation = "MERGE"
        facts.reusable = False
        cursor.accept("INTO")
        self.write(cursor.name())
        depth = 0
        while not cursor.done and not (depth == 0 and cursor.key() == "USING"):
            key = cursor.next().key
            depth += (key == "(") - (key == ")")
        if not cursor.accept("USING"):
            self.unknown()
            return
        start = cursor.i
        at = cursor.token()
        name = cursor.name()
        if name and cursor.key() == "(":
            note_call(facts, self.grammar, name, at.start, quoted=at.kind == "QUOTED")
        elif name:
            facts.add(self.grammar.ref(name))
        self.expression(start)
        self._merge_condition()

    def _merge_condition(self) -> None:
        depth, begin = 0, 0
        for place in range(self.cursor.i, len(self.tokens)):
            key = self.tokens[place].key
            depth += (key == "(") - (key == ")")
            if depth == 0 and key == "ON" and not begin:
                begin = place + 1
            elif depth == 0 and key == "WHEN" and begin:
                if filters_nothing(self.tokens[begin:place]):
                    self.note("TAUTOLOGY", self.tokens[begin - 1])
                break
        for place, token in enumerate(self.tokens[:-3]):
            words = [part.key for part in self.tokens[place + 1 : place + 4]]
            if token.key == "BY" and words[:2] == ["SOURCE", "THEN"] and words[2] in ("UPDATE", "DELETE"):
                self.note("NO_WHERE", token, "NOT MATCHED BY SOURCE")


def note_names(tokens: Sequence[Token], dangers: Mapping[str, Danger], facts: Facts) -> None:
    """Note every name of the table, wherever it stands: such functions need no parentheses, and owners
    may stand before them."""
    stored = facts.kind is StatementKind.DDL
    for token in tokens:
        if not is_name(token):
            continue
        danger = dangers.get(unquote(token).upper())
        if danger is not None:
            severity = Severity.ERROR if stored and danger.code == "DYNAMIC_SQL" else danger.severity
            facts.note(danger.code, token.start, token.text[:60], severity)


def merge_facts(outer: Facts, inner: Facts, *, stored: bool) -> None:
    """Add what a body's statement does. ``stored``: the body runs later, when somebody calls it, so that
    only what no routine may do counts."""
    for ref in inner.objects:
        outer.add(ref)
    for note in inner.notes:
        if stored and note.code in _HARMLESS_WHEN_STORED:
            continue
        severity = Severity.ERROR if stored and note.code == "DYNAMIC_SQL" else note.severity
        outer.note(note.code, note.at, note.detail, severity)
    if inner.kind is StatementKind.UNKNOWN and not stored:
        outer.kind = StatementKind.UNKNOWN


_HARMLESS_WHEN_STORED = frozenset(
    {"UNKNOWN", "TX_CONTROL", "SET_SESSION", "SESSION_STATE", "NO_WHERE", "KIND_MISMATCH", "LOCK"}
)
