"""Cutting a script into statements, as the server would see them one by one.

The slow way reads token by token and knows bodies, delimiters and client commands. Most statements of a
long script need none of that: one expression per dialect runs over them at once, and hands over to the
slow way whenever it meets what it doesn't know.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sluicegate.sql.lexer import MAX_NESTING, Lexer
from sluicegate.sql.tokens import BROKEN, CLIENT, DATA, INSIGNIFICANT, Token, make


@dataclass(slots=True)
class Piece:
    """One statement's place in the script.

    Attributes:
        start, end: from its first token that means something to its last.
        outer_start, outer_end: with the comments and blanks before and behind, and the terminator.
        tokens: significant tokens with offsets into the script, None when nobody needed them yet.
        mode: the lexer's state at ``start``.
        unit: which delimited unit it is in, and ``in_unit`` its place there (from 0).
        problem: "" or what is wrong with its shape: unterminated, complex (it is denied with all that
            follows), client, data.
        open_mode: the lexer's state when the terminator came (a terminator inside an executable
            comment).
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    tokens: list[Token] | None = None
    mode: int = 0
    unit: int = 0
    in_unit: int = 0
    problem: str = ""
    open_mode: int = 0


class BodyTracker(ABC):
    """Follows one statement token by token and says when ``;`` belongs to its body."""

    @abstractmethod
    def feed(self, token: Token) -> None: ...
    @abstractmethod
    def inside(self) -> bool:
        """Whether a terminator here is part of the statement."""

    def begins(self, token: Token) -> bool:  # noqa: ARG002 - most dialects need a terminator
        """Whether another statement begins with this token, though no terminator came."""
        return False

    def unfinished(self) -> bool:
        """Whether something lacks when the text ends here."""
        return self.inside()


class NoBodies(BodyTracker):
    def feed(self, token: Token) -> None:
        pass

    def inside(self) -> bool:
        return False


@dataclass(frozen=True)
class SplitRules:
    """What a dialect tells the splitter.

    Attributes:
        lexer_for: the lexer when this delimiter is in force.
        tracker: makes a tracker for one statement.
        fast: matches from a statement's first character up to, without, its terminator or the end
            of the text; None when there is no fast way.
        lead: skips what may stand before a statement: blanks, terminators, comments.
        line_comment: finds where a comment to the end of the line may begin.
        slow_words: first words (upper case) of statements that need the slow way.
        line_commands: first words (upper case) of client commands that end with their line.
        line_statements: the same for statements of the server that clients end with the line.
        delimiter_command: the client command DELIMITER exists.
        after: other rules that hold behind a statement with these tokens, None when it changes nothing.
        reads_data: lines after a statement may be data (COPY … FROM STDIN): given its tokens.
    """

    lexer_for: Callable[[str], Lexer]
    tracker: Callable[[], BodyTracker] = NoBodies
    fast: re.Pattern[str] | None = None
    lead: re.Pattern[str] = re.compile(r"[ \t\n\v\f\r;]*+")
    line_comment: re.Pattern[str] = re.compile("--")
    slow_words: frozenset[str] = frozenset()
    line_commands: frozenset[str] = frozenset()
    line_statements: frozenset[str] = frozenset()
    delimiter_command: bool = False
    reads_data: Callable[[list[Token]], bool] = field(default=lambda _tokens: False)
    after: Callable[[list[Token]], SplitRules | None] = field(default=lambda _tokens: None)


_OPERATORS = frozenset({"OP", "EXEC_OPEN"})
_FIRST_WORD = re.compile(r"[A-Za-z_]++")
_TRAILING_BLANKS = " \t\n\v\f\r"
_DELIMITER = re.compile(r"delimiter[ \t]++(\S++)[^\n]*+|delimiter[ \t\r]*+(?=\n|\Z)", re.IGNORECASE)
_COMMAND_END = re.compile(r"[ \t\r\n;]|\Z")
_DATA_END = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)


class Splitter:
    def __init__(self, rules: SplitRules) -> None:
        self.rules = rules
        self._delimiter = ";"
        self._unit = 0
        self._in_unit = 0
        self._mode = 0

    def pieces(self, text: str) -> Iterator[Piece]:
        """All statements in order; empty ones are left out. A client command is a piece of its own,
        except DELIMITER, which is obeyed."""
        pos, outer = 0, 0
        limit = len(text)
        while pos < limit:
            piece = None
            if self._delimiter == ";" and self._mode == 0 and self.rules.fast is not None:
                lead = self.rules.lead.match(text, pos)
                pos = lead.end() if lead is not None else pos
                piece = self._fast_piece(text, pos, outer, self.rules.fast)
            if piece is None:
                piece, pos = self._slow_piece(text, pos, outer)
                if piece is not None and piece.tokens:
                    self.rules = self.rules.after(piece.tokens) or self.rules
            else:
                pos = piece.outer_end
            if piece is not None:
                outer = pos
                yield piece

    # ---------------------------------------------------------------- fast

    def _fast_piece(self, text: str, start: int, outer: int, fast: re.Pattern[str]) -> Piece | None:
        word = _FIRST_WORD.match(text, start)
        if word is None or word[0].upper() in self.rules.slow_words:
            return None
        matched = fast.match(text, start)
        if matched is None:
            return None
        stop = matched.end()
        if stop < len(text) and text[stop] != ";":
            return None
        body = matched[0].rstrip(_TRAILING_BLANKS)
        if ("--" in body or "/*" in body or "#" in body) and self._ends_in_comment(
            text, start, start + len(body)
        ):
            return None
        self._unit += 1
        self._in_unit = 0
        outer_end = min(stop + 1, len(text))
        return Piece(start, start + len(body), outer, outer_end, unit=self._unit)

    def _ends_in_comment(self, text: str, start: int, end: int) -> bool:
        if text.startswith("*/", end - 2):
            return True
        line = max(text.rfind("\n", start, end) + 1, start)
        return self.rules.line_comment.search(text, line, end) is not None

    # ---------------------------------------------------------------- slow

    def _slow_piece(self, text: str, pos: int, outer: int) -> tuple[Piece | None, int]:
        lexer = self.rules.lexer_for(self._delimiter)
        tracker = self.rules.tracker()
        tokens: list[Token] = []
        start_mode = self._mode
        raw_mode = self._mode
        stop = len(text)
        operators = 0  # in a row
        for kind, begin, end in lexer.scan(text, pos, None, self._mode):
            if kind in INSIGNIFICANT:
                continue
            raw_mode = {"EXEC_OPEN": 1, "EXEC_CLOSE": 0}.get(kind, raw_mode)
            if not tokens and kind == "WORD":
                command = self._command(text, begin, outer)
                if command is not None:
                    return command
            terminator = kind == "DELIMITER" or (kind == "OP" and text[begin] == ";")
            if terminator and not (kind == "OP" and tracker.inside()):
                return self._finish(text, tokens, outer, end, start_mode, raw_mode, kind == "DELIMITER")
            token = make(kind, text[begin:end], begin)
            if tokens and tracker.begins(token):
                return self._finish(text, tokens, outer, begin, start_mode, raw_mode, closes_unit=False)
            tokens.append(token)
            operators = operators + 1 if kind in _OPERATORS else 0
            if operators > MAX_NESTING:
                # Nobody writes this; looking for its end would only cost time.
                self._mode = 0
                piece = self._piece(tokens, outer, stop, start_mode, "complex")
                piece.end = stop
                return piece, stop
            if kind == CLIENT:
                self._mode = 0
                piece = self._piece(tokens, outer, end, start_mode, "client")
                return piece, end
            if kind == BROKEN:
                break
            tracker.feed(token)
        self._mode = 0
        if not tokens:
            return None, stop
        broken = tokens[-1].kind == BROKEN or tracker.unfinished() or raw_mode != 0
        return self._piece(tokens, outer, stop, start_mode, "unterminated" if broken else ""), stop

    def _piece(self, tokens: list[Token], outer: int, outer_end: int, mode: int, problem: str) -> Piece:
        if self._in_unit == 0:
            self._unit += 1
        piece = Piece(
            tokens[0].start,
            tokens[-1].end,
            outer,
            outer_end,
            tokens,
            mode,
            self._unit,
            self._in_unit,
            problem,
        )
        self._in_unit = 0
        return piece

    def _finish(
        self,
        text: str,
        tokens: list[Token],
        outer: int,
        end: int,
        mode: int,
        open_mode: int,
        closes_unit: bool,
    ) -> tuple[Piece | None, int]:
        """A terminator came. With a delimiter of its own, ``;`` only ends a statement inside the unit."""
        self._mode = open_mode
        if not tokens:
            if closes_unit:
                self._in_unit = 0
            return None, end
        place = self._in_unit
        piece = self._piece(tokens, outer, end, mode, "")
        piece.open_mode = open_mode
        if self._delimiter != ";" and not closes_unit:
            self._in_unit = place + 1
        if self.rules.reads_data(tokens):
            self._read_data(text, piece)
        return piece, piece.outer_end

    def _read_data(self, text: str, piece: Piece) -> None:
        line = text.find("\n", piece.outer_end)
        if line < 0:
            return
        found = _DATA_END.search(text, line)
        stop = len(text) if found is None else found.end()
        if piece.tokens is not None:
            piece.tokens.append(make(DATA, text[piece.end : stop], piece.end))
        piece.end = piece.outer_end = stop
        piece.problem = "data"

    def _command(self, text: str, begin: int, outer: int) -> tuple[Piece | None, int] | None:
        """A client command at the beginning of a statement; None when there is none."""
        if self.rules.delimiter_command:
            found = _DELIMITER.match(text, begin)
            if found is not None:
                self._delimiter = found[1] or ";"
                self._in_unit = 0
                return None, found.end()
        word = _FIRST_WORD.match(text, begin)
        if word is None or not _COMMAND_END.match(text, word.end()):
            return None
        first = word[0].upper()
        if first not in self.rules.line_commands and first not in self.rules.line_statements:
            return None
        line_end = text.find("\n", begin)
        line_end = len(text) if line_end < 0 else line_end
        if first in self.rules.line_statements:
            if ";" in text[begin:line_end]:
                return None
            tokens = self.rules.lexer_for(self._delimiter).significant(text, begin, line_end)
            problem = ""
        else:
            tokens = [make(CLIENT, text[begin:line_end].rstrip(_TRAILING_BLANKS + ";"), begin)]
            problem = "client"
        self._mode = 0
        return self._piece(tokens, outer, line_end, 0, problem), line_end
