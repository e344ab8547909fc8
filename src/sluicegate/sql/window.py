"""The part of a script that is in memory: the statement that isn't finished yet, and some text behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sluicegate.sql.characters import is_plain

SIZE: Final = 1 << 18  # characters read at once, at least


class Window:
    """A text that may come in parts; offsets into it are those of ``text``.

    Attributes:
        text: what is in memory.
        base: where in the script ``text`` begins.
        final: nothing follows.
        plain: no character in it misleads wherever it stands.
        ascii: nothing else in it.
    """

    def __init__(self, chunks: Iterable[str], text: str = "") -> None:
        self._chunks: Iterator[str] = iter(chunks)
        self.base = 0
        self.final = False
        self._at = self._start_of_line = 0
        self._before = (0, 0)
        self._line = 1
        self._hold(text)

    @classmethod
    def whole(cls, script: str) -> Window:
        window = cls((), script)
        window.final = True
        return window

    def _hold(self, text: str) -> None:
        self.text = text
        self.plain = is_plain(text)
        self.ascii = text.isascii()

    def read(self, keep: int) -> int:
        """Read on, and forget what stands before ``keep`` but for one character, which expressions may look
        back at. Returns how many characters are gone from the beginning.

        At least as much is read as is kept, so that what is looked at again is no more than what is new."""
        gone = max(0, keep - 1)
        if gone > self._at:
            self.position(gone)
        parts = [self.text[gone:]]
        lacking = max(SIZE, len(parts[0]))
        while lacking > 0 and not self.final:
            chunk = next(self._chunks, None)
            if chunk is None:
                self.final = True
            else:
                parts.append(chunk)
                lacking -= len(chunk)
        self.base += gone
        self._at -= gone
        self._start_of_line -= gone
        self._before = (self._before[0] - gone, self._before[1] - gone)
        self._hold("".join(parts))
        return gone

    # ---------------------------------------------------------------- lines

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1; offsets come in ascending order, so that the text is read once."""
        self._before = (self._at, self._start_of_line)
        passed = self.text.count("\n", self._at, offset)
        if passed:
            self._line += passed
            self._start_of_line = self.text.rfind("\n", self._at, offset) + 1
        self._at = offset
        return self._line, offset - self._start_of_line + 1

    def relative(self, offset: int) -> tuple[int, int]:
        """Line and column of a place near the last one that ``position`` was asked for: behind it, or between
        it and the one before."""
        text, at = self.text, self._at
        if offset >= at:
            between = text.count("\n", at, offset)
            if not between:
                return self._line, offset - self._start_of_line + 1
            return self._line + between, offset - text.rfind("\n", at, offset)
        earlier, start_of_line = self._before
        last = text.rfind("\n", earlier, offset) + 1
        return self._line - text.count("\n", offset, at), offset - (last or start_of_line) + 1
