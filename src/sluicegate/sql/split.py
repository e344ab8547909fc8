"""What cutting a script into statements is told by a dialect, and what comes of it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from sluicegate.sql.lexer import Lexer
from sluicegate.sql.tokens import Token


@dataclass(slots=True)
class Piece:
    """One statement's place in the script.

    Attributes:
        start, end: from its first token that means something to its last.
        outer_start, outer_end: with the comments and blanks before and behind, and the terminator.
        tokens: significant tokens with offsets into the script, None when nobody needed them yet.
        mode: the lexer's state at ``start``.
        in_unit: its place (from 0) in the unit that a delimiter of its own ends.
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
    in_unit: int = 0
    problem: str = ""
    open_mode: int = 0

    def shift(self, by: int) -> None:
        """The text lost this many characters at its beginning."""
        self.start -= by
        self.end -= by
        self.outer_start -= by
        self.outer_end -= by
        if self.tokens is not None:
            self.tokens = [token._replace(start=token.start - by) for token in self.tokens]


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
            of the text, possessively; a group in it is where its last comment ends. None when there is
            no fast way.
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

    @cached_property
    def run(self) -> re.Pattern[str] | None:
        """``fast`` for a whole statement: what may stand before it, the statement (group 1), its
        terminator. Group 2 is where the last comment in it ends."""
        if self.fast is None:
            return None
        slow = "|".join(sorted(map(_initial, self.slow_words)))
        barred = f"(?!(?:{slow})(?![A-Za-z_]))" if slow else ""
        return re.compile(f"{_scoped(self.lead)}{barred}((?=[A-Za-z_]){_scoped(self.fast)})(?:;|\\Z)")


def _scoped(pattern: re.Pattern[str]) -> str:
    """The expression with its flags, as a part of another one."""
    flags = ("i" if pattern.flags & re.IGNORECASE else "") + ("s" if pattern.flags & re.DOTALL else "")
    return f"(?{flags}:{pattern.pattern})"


def _initial(word: str) -> str:
    """Any case of a word, as the expression engine is quick to rule out by its first letter."""
    return f"[{word[0].lower()}{word[0].upper()}](?i:{re.escape(word[1:])})"
