"""The slow way of cutting a script: token by token, with bodies, delimiters and client commands."""

from __future__ import annotations

import re
from typing import Final

from sluicegate.sql.lexer import MAX_NESTING, MAX_TOKENS
from sluicegate.sql.split import Piece, SplitRules
from sluicegate.sql.tokens import BROKEN, CLIENT, DATA, INSIGNIFICANT, Token, make

TRAILING_BLANKS: Final = " \t\n\v\f\r"
_OPERATORS: Final = frozenset({"OP", "EXEC_OPEN"})
_FIRST_WORD: Final = re.compile(r"[A-Za-z_]++")
_DELIMITER: Final = re.compile(r"delimiter[ \t]++(\S++)[^\n]*+|delimiter[ \t\r]*+(?=\n|\Z)", re.IGNORECASE)
_COMMAND_END: Final = re.compile(r"[ \t\r\n;]|\Z")
_DATA_END: Final = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)
MAX_DELIMITERS: Final = 20  # different ones in a script; each needs a lexer of its own
UNHURRIED: Final = 16  # characters that tokens may have looked at behind their end

State = tuple[SplitRules, str, int, int, frozenset[str]]


class SlowSplitter:
    """Reads one piece at a time; what it learns on the way (delimiter, open comment, other rules) holds
    for what follows.

    Attributes:
        decided: whether more text behind the end of the text couldn't have changed the last answer.
    """

    def __init__(self, rules: SplitRules) -> None:
        self.rules = rules
        self.delimiter = ";"
        self.mode = 0
        self.in_unit = 0
        self._delimiters: frozenset[str] = frozenset()
        self.decided = True

    @property
    def state(self) -> State:
        return self.rules, self.delimiter, self.mode, self.in_unit, self._delimiters

    @state.setter
    def state(self, state: State) -> None:
        self.rules, self.delimiter, self.mode, self.in_unit, self._delimiters = state

    def piece(self, text: str, pos: int, outer: int) -> tuple[Piece | None, int]:
        """The next piece and where to go on; None for a command that was obeyed, or nothing."""
        self.decided = True
        found, end = self._next(text, pos, outer)
        if end + UNHURRIED > len(text):
            self.decided = False
        elif found is not None:
            if found.problem == "client" and text.find("\n", end) < 0:
                self.decided = False
            if found.tokens:
                self.rules = self.rules.after(found.tokens) or self.rules
        return found, end

    def _next(self, text: str, pos: int, outer: int) -> tuple[Piece | None, int]:
        lexer = self.rules.lexer_for(self.delimiter)
        tracker = self.rules.tracker()
        tokens: list[Token] = []
        start_mode = raw_mode = self.mode
        stop = len(text)
        operators = 0  # in a row
        for kind, begin, end in lexer.scan(text, pos, None, self.mode):
            if kind in INSIGNIFICANT:
                continue
            raw_mode = {"EXEC_OPEN": 1, "EXEC_CLOSE": 0}.get(kind, raw_mode)
            if not tokens and kind == "WORD":
                command = self._command(text, begin, outer)
                if command is not None:
                    return command
            terminator = kind == "DELIMITER" or (kind == "OP" and text[begin] == ";")
            if terminator and not (kind == "OP" and tracker.inside()):
                if kind == "DELIMITER" and self.delimiter == ";" and text.find("\n", end) < 0:
                    self.decided = False  # it must stand alone on its line, which may go on
                return self._finish(text, tokens, outer, end, start_mode, raw_mode, kind == "DELIMITER")
            token = make(kind, text[begin:end], begin)
            if tokens and tracker.begins(token):
                return self._finish(text, tokens, outer, begin, start_mode, raw_mode, closes_unit=False)
            tokens.append(token)
            operators = operators + 1 if kind in _OPERATORS else 0
            if operators > MAX_NESTING or len(tokens) > MAX_TOKENS:
                return self._complex(tokens, outer, stop, start_mode)
            if kind == CLIENT:
                self.mode = 0
                piece = self._piece(tokens, outer, end, start_mode, "client")
                return piece, end
            if kind == BROKEN:
                break
            tracker.feed(token)
        self.mode = 0
        if not tokens:
            return None, stop
        broken = tokens[-1].kind == BROKEN or tracker.unfinished() or raw_mode != 0
        return self._piece(tokens, outer, stop, start_mode, "unterminated" if broken else ""), stop

    def _piece(self, tokens: list[Token], outer: int, outer_end: int, mode: int, problem: str) -> Piece:
        piece = Piece(
            tokens[0].start,
            tokens[-1].end,
            outer,
            outer_end,
            tokens,
            mode,
            self.in_unit,
            problem,
        )
        self.in_unit = 0
        return piece

    def _complex(self, tokens: list[Token], outer: int, stop: int, mode: int) -> tuple[Piece, int]:
        """Nobody reads this; looking for its end would only cost time."""
        self.mode = 0
        piece = self._piece(tokens, outer, stop, mode, "complex")
        piece.end = stop
        return piece, stop

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
        self.mode = open_mode
        if not tokens:
            if closes_unit:
                self.in_unit = 0
            return None, end
        place = self.in_unit
        piece = self._piece(tokens, outer, end, mode, "")
        piece.open_mode = open_mode
        if self.delimiter != ";" and not closes_unit:
            self.in_unit = place + 1
        if self.rules.reads_data(tokens):
            self._read_data(text, piece)
        return piece, piece.outer_end

    def _read_data(self, text: str, piece: Piece) -> None:
        line = text.find("\n", piece.outer_end)
        if line < 0:
            self.decided = False
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
                return self._new_delimiter(text, begin, found, outer)
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
            tokens = self.rules.lexer_for(self.delimiter).significant(text, begin, line_end)
            problem = ""
        else:
            tokens = [make(CLIENT, text[begin:line_end].rstrip(TRAILING_BLANKS + ";"), begin)]
            problem = "client"
        self.mode = 0
        return self._piece(tokens, outer, line_end, 0, problem), line_end

    def _new_delimiter(
        self, text: str, begin: int, found: re.Match[str], outer: int
    ) -> tuple[Piece | None, int]:
        self.delimiter = found[1] or ";"
        self.in_unit = 0
        self._delimiters |= {self.delimiter}
        if len(self._delimiters) > MAX_DELIMITERS:
            return self._complex([make(CLIENT, found[0], begin)], outer, len(text), 0)
        return None, found.end()
