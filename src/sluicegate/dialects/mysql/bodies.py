"""Which ``;`` belong to the body of a routine, trigger or event.

Compound statements (https://dev.mysql.com/doc/refman/8.4/en/sql-compound-statements.html) open and
close like parentheses; a word counts only where a statement may begin, so that functions (IF(…)),
CASE expressions and columns of such names don't disturb it.
"""

from __future__ import annotations

from typing import Final

from sluicegate.sql.split import BodyTracker
from sluicegate.sql.tokens import EXEC_CLOSE, EXEC_OPEN, WORD, Token
from sluicegate.sql.words import words

_WITH_BODY: Final = frozenset({"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"})
_WITHOUT_BODY: Final = words(
    """
    TABLE INDEX VIEW DATABASE SCHEMA USER ROLE SERVER TABLESPACE LOGFILE SEQUENCE RESOURCE SPATIAL UNDO
    """
)
_OPENERS: Final = frozenset({"BEGIN", "IF", "LOOP", "WHILE", "REPEAT", "CASE", "FOR"})  # FOR: MariaDB
_BEFORE_STATEMENT: Final = frozenset(
    {";", "THEN", "ELSE", "BEGIN", "DO", "LOOP", "REPEAT", "ROW", ":", "ATOMIC"}
)
_HEAD_ENDS: Final = frozenset(
    {")", "DETERMINISTIC", "SQL", "DATA", "DEFINER", "INVOKER", "ROW", "DO", "AS", "IS", "UNSIGNED"}
)
_HEAD_LIMIT: Final = 40


class MySqlBodies(BodyTracker):
    def __init__(self) -> None:
        self._count = 0
        self._compound: bool | None = None  # None while the head doesn't tell
        self._stack: list[str] = []
        self._previous = ""
        self._before_previous = ""
        self._parentheses = 0
        self._began = False  # the body began
        self._handler = False  # in DECLARE … HANDLER FOR conditions, behind which a statement stands

    def inside(self) -> bool:
        return bool(self._stack)

    def feed(self, token: Token) -> None:
        if token.kind in (EXEC_OPEN, EXEC_CLOSE):
            return
        key = token.key
        self._count += 1
        if self._compound is None:
            self._head(key)
        if self._compound:
            if key == "(":
                self._parentheses += 1
            elif key == ")":
                self._parentheses -= 1
            elif key == ";":
                self._handler = False
            elif token.kind == WORD and self._previous != ".":
                self._word(key)
        self._before_previous = self._previous
        self._previous = key if key or token.kind != "STRING" else "'"

    def _head(self, key: str) -> None:
        if self._count == 1:
            if key == "BEGIN":
                return
            if key not in ("CREATE", "ALTER"):
                self._compound = False
            return
        if self._previous == "BEGIN" and self._count == 2:
            self._compound = key == "NOT"  # BEGIN NOT ATOMIC
            if self._compound:
                self._stack.append("BEGIN")
            return
        if key in _WITH_BODY:
            self._compound = True
        elif key in _WITHOUT_BODY or self._count > _HEAD_LIMIT:
            self._compound = False

    def _word(self, key: str) -> None:
        if key == "END":
            self._end()
        elif key == "HANDLER" and self._previous in ("CONTINUE", "EXIT", "UNDO"):
            self._handler = True
        elif key in _OPENERS and self._may_begin(key):
            self._began = True
            self._handler = False
            self._stack.append(key)
        elif key == "CASE":
            self._stack.append("EXPRESSION")

    def _may_begin(self, key: str) -> bool:
        if self._previous == "END":
            return False
        if self._stack and self._stack[-1] == "EXPRESSION":
            return False
        if self._previous in _BEFORE_STATEMENT:
            return key != "FOR" or self._began
        if self._handler and self._previous not in ("FOR", ","):
            return True
        if self._began or self._parentheses:
            return False
        if key == "BEGIN":
            return self._count > 3
        return self._previous in _HEAD_ENDS or self._previous == "'"

    def _end(self) -> None:
        if not self._stack:
            return
        if self._stack[-1] == "EXPRESSION" or self._previous in (";", "BEGIN", "ATOMIC", ":"):
            self._stack.pop()
