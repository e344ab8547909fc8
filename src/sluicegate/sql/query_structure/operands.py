"""What stands on either side of an operator."""

from __future__ import annotations

from typing import Final, NamedTuple

from sluicegate.sql.grammar import unquote
from sluicegate.sql.query_structure.base import NAMES, Base
from sluicegate.sql.structure.queries import ColumnUse, OperandKind
from sluicegate.sql.tokens import NUMBER, PARAM, STRING, VARIABLE, WORD
from sluicegate.sql.words import words

_NO_COLUMN: Final = words(
    """
    NULL TRUE FALSE DEFAULT AS DISTINCT FROM IN AND OR NOT CASE WHEN THEN ELSE END BINARY IS LIKE BETWEEN COLLATE DIV MOD
    CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME CURRENT_USER LOCALTIME LOCALTIMESTAMP INTERVAL USING SEPARATOR ALL
    ANY SOME ROW EXISTS ESCAPE UNKNOWN BOTH LEADING TRAILING ORDER BY ASC DESC OVER PARTITION FOR XOR REGEXP RLIKE
    """
)
_UNITS: Final = words(
    "MICROSECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR DAY_HOUR DAY_MINUTE DAY_SECOND HOUR_MINUTE "
    "HOUR_SECOND MINUTE_SECOND YEAR_MONTH"
)
_OPERATORS: Final = frozenset(
    {"+", "-", "*", "/", "%", "DIV", "MOD", "||", "->", "->>", "&", "|", "^", "<<", ">>", "COLLATE"}
)
_TYPED: Final = frozenset({"DATE", "TIME", "TIMESTAMP", "N"})


class Operand(NamedTuple):
    kind: OperandKind
    column: ColumnUse | None = None
    function: str = ""
    value: str = ""


_EXPRESSION: Final = Operand(OperandKind.EXPRESSION)
_QUERY: Final = Operand(OperandKind.QUERY)
_NULL: Final = Operand(OperandKind.NULL)
_PARAMETER: Final = Operand(OperandKind.PARAMETER)


class Operands(Base):
    def operand(self, i: int, end: int) -> Operand:
        keys, closing = self.keys, self.closing
        if end - i == 1:
            return self._single(i)
        while i < end and keys[i] == "(" and closing[i] == end - 1:
            if self.opens_query(i):
                return _QUERY
            i, end = i + 1, end - 1
        length = end - i
        if length <= 0:
            return _EXPRESSION
        if length == 1:
            return self._single(i)
        if length == 2:
            return self._pair(i)
        column = self.column(i, end)
        if column is not None:
            return Operand(OperandKind.COLUMN, column)
        if keys[i + 1] == "(" and closing[i + 1] == end - 1:
            if keys[i] in ("ANY", "ALL", "SOME", "EXISTS"):
                return _QUERY
            found = self.first_column(i + 2, end - 1)
            name = keys[i] or self.name(i).upper()
            return Operand(OperandKind.EXPRESSION, found, name if found is not None else "")
        return self._computed(i, end)

    def _single(self, i: int) -> Operand:
        token = self.tokens[i]
        kind = token.kind
        if kind == NUMBER:
            return Operand(OperandKind.NUMBER, value=token.text)
        if kind == STRING:
            return Operand(OperandKind.STRING, value=unquote(token))
        if kind in (PARAM, VARIABLE):
            return _PARAMETER
        if token.key == "NULL":
            return _NULL
        if kind in NAMES and token.key not in _NO_COLUMN:
            return Operand(OperandKind.COLUMN, ColumnUse(unquote(token)))
        return _EXPRESSION

    def _pair(self, i: int) -> Operand:
        first, second = self.tokens[i], self.tokens[i + 1]
        if first.key in ("-", "+") and second.kind == NUMBER:
            return Operand(OperandKind.NUMBER, value=second.text if first.key == "+" else f"-{second.text}")
        if first.kind == WORD and second.kind == STRING:
            if first.key in _TYPED or first.text.startswith("_"):
                return Operand(OperandKind.STRING, value=unquote(second))
            return _EXPRESSION
        return self._computed(i, i + 2)

    def column(self, i: int, end: int) -> ColumnUse | None:
        """The column when nothing else stands there."""
        length = end - i
        if length % 2 == 0 or length < 1 or length > 7:
            return None
        token = self.tokens[i]
        if token.kind not in NAMES:
            return None
        if length == 1:
            return None if token.key in _NO_COLUMN else ColumnUse(unquote(token))
        if self.keys[i + 1] != ".":
            return None
        if length > 3 and self.keys[i + 1 : end : 2] != ["."] * (length // 2):
            return None
        if self.tokens[end - 1].kind not in NAMES:
            return None
        return ColumnUse(self.name(end - 1), self.name(end - 3))

    def _computed(self, i: int, end: int) -> Operand:
        keys, closing = self.keys, self.closing
        found = self.first_column(i, end)
        if found is None:
            return _EXPRESSION
        place = i
        while place < end:
            key = keys[place]
            if key == "(":
                place = closing[place]
            elif key == "CASE":
                return _EXPRESSION
            elif key in _OPERATORS:
                return Operand(OperandKind.EXPRESSION, found, key)
            place += 1
        return Operand(OperandKind.EXPRESSION, found, keys[i]) if keys[i] == "BINARY" else _EXPRESSION

    def first_column(self, i: int, end: int) -> ColumnUse | None:
        """The first column named in an expression, sub-queries aside."""
        tokens = self.tokens
        while i < end:
            token = tokens[i]
            key = token.key
            if key == "(" and self.opens_query(i):
                i = self.closing[i]
            elif key == "INTERVAL":
                i += 2
            elif key == "AS":
                return None  # a type follows
            elif token.kind in NAMES and key not in _NO_COLUMN and not self._call_or_unit(i):
                parts, _ = self.chain(i, end)
                return ColumnUse(parts[-1], parts[-2] if len(parts) > 1 else "")
            i += 1
        return None

    def _call_or_unit(self, i: int) -> bool:
        following = self.keys[i + 1]
        return following == "(" or (self.keys[i] in _UNITS and following in ("FROM", ",", ""))
