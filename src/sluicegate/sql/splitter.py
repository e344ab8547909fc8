"""Cutting a script into statements, as the server would see them one by one.

Most statements of a long script need neither bodies nor delimiters nor client commands: one expression per
dialect runs over them at once, and hands over to the slow way whenever it meets what it doesn't know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sluicegate.sql.slow import TRAILING_BLANKS, UNHURRIED, SlowSplitter
from sluicegate.sql.split import Piece, SplitRules
from sluicegate.sql.tokens import BROKEN


class Splitter:
    """Cuts a text that may come in parts.

    Attributes:
        position: where in the text the first piece begins that isn't decided yet.
    """

    def __init__(self, rules: SplitRules) -> None:
        self._slow = SlowSplitter(rules)
        self.position = 0
        self._outer = 0

    def pieces(self, text: str, *, final: bool = True) -> Iterator[Piece]:
        """All statements in order; empty ones are left out. A client command is a piece of its own,
        except DELIMITER, which is obeyed.

        Args:
            text: begins where the last call's text did, unless ``shift`` told otherwise.
            final: nothing follows the text. Otherwise pieces are left to the next call that more text
                might change.
        """
        slow = self._slow
        limit = len(text)
        while self.position < limit:
            run = slow.rules.run
            quick = run is not None and slow.delimiter == ";" and slow.mode == 0
            if quick and run is not None:
                yield from self._quickly(text, run, final=final)
                self._skip_lead(text, final=final)
                if self.position >= limit or not (final or self._has_end(text)):
                    return
            before = slow.state
            piece, end = slow.piece(text, self.position, self._outer)
            if not (final or slow.decided):
                slow.state = before
                return
            self.position = end
            if piece is not None:
                self._outer = end
                yield piece

    def shift(self, by: int) -> None:
        """The next text lacks this many characters at its beginning."""
        self.position -= by
        self._outer -= by

    def _quickly(self, text: str, run: re.Pattern[str], *, final: bool) -> Iterator[Piece]:
        """Pieces as long as the fast way knows them."""
        limit = len(text)
        commented = run.groups > 1
        outer = self._outer
        for match in iter(run.scanner(text, self.position).match, None):  # type: ignore[attr-defined]
            outer_end = match.end()
            if outer_end == limit and not final:
                return
            start, end = match.span(1)
            if text[end - 1] in TRAILING_BLANKS:
                end = start + len(match[1].rstrip(TRAILING_BLANKS))
            if (match.end(2) if commented else self._comment_end(text, start, end)) >= end:
                return
            self._slow.in_unit = 0
            self.position = self._outer = outer_end
            yield Piece(start, end, outer, outer_end)
            outer = outer_end

    def _comment_end(self, text: str, start: int, end: int) -> int:
        """At least ``end`` when the text seems to end with a comment."""
        if text.startswith("*/", end - 2):
            return end
        line = max(text.rfind("\n", start, end) + 1, start)
        return -1 if self._slow.rules.line_comment.search(text, line, end) is None else end

    def _skip_lead(self, text: str, *, final: bool) -> None:
        lead = self._slow.rules.lead.match(text, self.position)
        if lead is not None and (final or lead.end() + UNHURRIED <= len(text)):
            self.position = lead.end()

    def _has_end(self, text: str) -> bool:
        """Whether to try the slow way before more text is there: not in the middle of a literal or a comment,
        where it would read all of a long statement for nothing."""
        rules = self._slow.rules
        found = None if rules.fast is None else rules.fast.match(text, self.position)
        if found is None:
            return True
        if found.end() >= len(text):
            return False
        kind, _start, end = next(rules.lexer_for(";").scan(text, found.end()))
        return not (kind == BROKEN and end >= len(text))
