"""What all parts of the reader share: the tokens, matching parentheses, what was found so far."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Final

from sluicegate.sql.grammar import Grammar, is_name, unquote
from sluicegate.sql.structure.queries import CommonTable, Comparison, Place, Select, SetOperation
from sluicegate.sql.tokens import QUOTED, WORD, Token
from sluicegate.sql.words import words

MAX_DEPTH: Final = 60  # of queries and joins within each other
SET_OPERATORS: Final = frozenset({"UNION", "EXCEPT", "INTERSECT", "MINUS"})
QUERY_STARTS: Final = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})
NAMES: Final = frozenset({WORD, QUOTED})
_BEHIND_A_QUERY: Final = SET_OPERATORS | {")", "ORDER", "LIMIT", ""}
_TIMES: Final = words("CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME LOCALTIME LOCALTIMESTAMP SYSDATE")
_TOLD: Final = _TIMES | {"(", "."}
AGGREGATES: Final = words(
    """
    COUNT SUM AVG MIN MAX TOTAL GROUP_CONCAT STRING_AGG ARRAY_AGG JSON_ARRAYAGG JSON_OBJECTAGG JSON_GROUP_ARRAY
    JSON_GROUP_OBJECT STD STDDEV STDDEV_POP STDDEV_SAMP VAR_POP VAR_SAMP VARIANCE BIT_AND BIT_OR BIT_XOR
    """
)


class TooDeep(Exception):
    """Queries nest deeper than anybody writes."""


class Scope:
    """One SELECT while it is read: the names it can see, and those it used before a dot."""

    __slots__ = ("aggregates", "names", "number", "used")

    def __init__(self, number: int = -1) -> None:
        self.number = number
        self.names: set[str] = set()
        self.used: set[str] = set()
        self.aggregates = False

    def foreign(self) -> set[str]:
        return self.used - self.names


class Base(ABC):
    """What all parts of the reader share. Places are numbers of tokens; ``end`` is always the place behind the
    last."""

    def __init__(self, tokens: Sequence[Token], grammar: Grammar, script: str) -> None:
        self.tokens = tokens
        self.grammar = grammar
        self.script = script
        self.keys = [token.key for token in tokens]
        self.keys += ["", "", ""]  # so that looking ahead needs no care
        self.end = len(tokens)
        self.closing = _pairs(self.keys, self.end)
        self.nesting = 0
        self.depth = 0
        self.scope = Scope()
        self.selects: list[Select] = []
        self.set_operations: list[SetOperation] = []
        self.ctes: list[CommonTable] = []
        self.cte_names: set[str] = set()
        self.comparisons: list[Comparison] = []
        self.functions: dict[str, None] = {}
        self.literals_matter = False

    @abstractmethod
    def query(self, i: int, end: int, place: Place, depth: int) -> None:
        """Read a whole query. Declared here because conditions and tables hold queries, which are read by what is
        built on top of them."""

    # ---------------------------------------------------------------- places

    def at(self, i: int) -> int:
        return self.tokens[i].start if 0 <= i < self.end else -1

    def named(self, i: int) -> bool:
        return 0 <= i < self.end and is_name(self.tokens[i])

    def name(self, i: int) -> str:
        token = self.tokens[i]
        return token.text if token.kind == WORD else unquote(token)

    def chain(self, i: int, end: int) -> tuple[list[str], int]:
        """name[.name…] at ``i``, and the place behind it."""
        parts = [self.name(i)]
        i += 1
        while i + 1 < end and self.keys[i] == "." and self.keys[i + 1] != "*":
            parts.append(self.name(i + 1))
            i += 2
        return parts, i

    def pieces(self, i: int, end: int) -> Iterator[tuple[int, int]]:
        """The parts between commas, parentheses being jumped over; empty ones are left out."""
        keys, closing = self.keys, self.closing
        begin = i
        while i < end:
            key = keys[i]
            if key == "(":
                i = closing[i]
            elif key == ",":
                if begin < i:
                    yield begin, i
                begin = i + 1
            i += 1
        if begin < end:
            yield begin, end

    # ---------------------------------------------------------------- sub-queries

    def opens_query(self, i: int) -> bool:
        """Whether the parenthesis at ``i`` holds a query."""
        for _ in range(8):
            following = self.keys[i + 1]
            if following == "VALUES":
                return not self.grammar.pipes_or or self.keys[i + 2] == "ROW"
            if following == "TABLE":
                return self.grammar.table_statement
            if following in QUERY_STARTS:
                return True
            if following != "(" or self.keys[self.closing[i + 1] + 1] not in _BEHIND_A_QUERY:
                return False
            i += 1
        return False

    def subquery(self, i: int, place: Place) -> int:
        """Reads the query in the parenthesis at ``i``; the place behind it."""
        close = self.closing[i]
        self.enter()
        self.depth += 1
        self.query(i + 1, close, place, self.depth)
        self.depth -= 1
        self.nesting -= 1
        return close + 1

    def enter(self) -> None:
        self.nesting += 1
        if self.nesting > MAX_DEPTH:
            raise TooDeep

    def expression(self, i: int, end: int, place: Place) -> None:
        """Anything whose sub-queries, calls and qualifiers alone matter."""
        keys, told = self.keys, _TOLD
        while i < end:
            key = keys[i]
            if key in told:
                if key == "(":
                    if self.opens_query(i):
                        i = self.subquery(i, place)
                        continue
                    if i:
                        self._call(i)
                elif key == ".":
                    if keys[i + 2] != "(" and self.named(i - 1):
                        self.scope.used.add(self.name(i - 1).casefold())
                elif keys[i - 1] != ".":
                    self.functions[key] = None
            i += 1

    def _call(self, i: int) -> None:
        name = self.keys[i - 1]
        if name and name.isidentifier() and name not in self.grammar.before_parenthesis:
            self.functions[name] = None
            if name in AGGREGATES and self.keys[self.closing[i] + 1] != "OVER":
                self.scope.aggregates = True
        elif name in ("VALUES", "VALUE", "INSERT", "REPLACE", "LEFT", "RIGHT", "IF"):
            self.functions[name] = None


def _pairs(keys: Sequence[str], end: int) -> dict[int, int]:
    """Where each parenthesis closes; one that doesn't, behind the last token."""
    open_: list[int] = []
    pairs: dict[int, int] = {}
    for place, key in enumerate(keys):
        if key == "(":
            open_.append(place)
        elif key == ")" and open_:
            pairs[open_.pop()] = place
    for place in open_:
        pairs[place] = end
    return pairs
