"""Rows of VALUES: counted, and the first of them kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from sluicegate.sql.query_structure.selects import Selects
from sluicegate.sql.structure.queries import ROWS_KEPT, Literal, Place

MAX_COUNTED: Final = (
    400_000  # characters of rows passed over that are counted; beyond it the number is a minimum
)
_CALL: Final = r"(?<=[wWpP])\([0-6]?\)"  # of NOW and CURRENT_TIMESTAMP
_ROW_ENDS: Final = re.compile(rf"'[^']*+'|{_CALL}|(\))")
_ROW_ENDS_ESCAPED: Final = re.compile(
    rf"""'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+"|{_CALL}|(\))""", re.DOTALL
)


@dataclass(slots=True)
class Counted:
    """``lengths``: the distinct numbers of values per row, in the order in which they came."""

    rows: int = 0
    lengths: dict[int, None] = field(default_factory=dict)
    values: list[tuple[Literal, ...]] = field(default_factory=list)


class Rows(Selects):
    def rows(self, i: int, end: int) -> tuple[Counted, int]:
        """The rows from ``i`` on, and the place behind the last."""
        keys, closing = self.keys, self.closing
        counted = Counted()
        if i < end:
            counted.rows = self._passed_over(i)
        while i < end:
            if keys[i] == "ROW":
                i += 1
            if keys[i] != "(":
                break
            close = min(closing[i], end)
            self._row(i, close, counted)
            i = close + 1
            if keys[i] != ",":
                break
            i += 1
        return counted, i

    def _row(self, i: int, close: int, counted: Counted) -> None:
        counted.rows += 1
        keys = self.keys[i + 1 : close]
        if "(" in keys:
            length = sum(1 for _ in self.pieces(i + 1, close))
            self.expression(i + 1, close, Place.VALUES)
        else:
            length = keys.count(",") + 1 if keys else 0
            if counted.rows == 1:
                self.expression(i + 1, close, Place.VALUES)
        counted.lengths[length] = None
        if len(counted.values) < ROWS_KEPT:
            counted.values.append(
                tuple(self.literal(start, stop) for start, stop in self.pieces(i + 1, close))
            )

    def literal(self, i: int, end: int) -> Literal:
        found = self.operand(i, end)
        return Literal(found.kind, found.value, self.at(i))

    def _passed_over(self, i: int) -> int:
        """How many rows of literals were left out of the tokens before ``i``; see ``sql.rows``."""
        start, end = self.tokens[i - 1].end, self.tokens[i].start
        if end - start < 4 or "(" not in self.script[start:end]:
            return 0
        pattern = _ROW_ENDS_ESCAPED if self.grammar.pipes_or else _ROW_ENDS
        return sum(map(bool, pattern.findall(self.script, start, min(end, start + MAX_COUNTED))))
