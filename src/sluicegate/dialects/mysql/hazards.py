"""What a statement may run that doesn't look like a call of somebody's function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sluicegate.dialects.common.scan import Token, TokenKind

# Built in only right before their parenthesis; with a space between they are names like any other, which a
# stored function can have: https://dev.mysql.com/doc/refman/8.0/en/function-resolution.html
_NAMES: Final = """
ADDDATE BIT_AND BIT_OR BIT_XOR CAST COUNT CURDATE CURTIME DATE_ADD DATE_SUB EXTRACT GROUP_CONCAT MAX MID MIN
NOW POSITION SESSION_USER STD STDDEV STDDEV_POP STDDEV_SAMP SUBDATE SUBSTR SUBSTRING SUM SYSDATE SYSTEM_USER
TRIM VARIANCE VAR_POP VAR_SAMP JSON_ARRAYAGG JSON_OBJECTAGG
"""
_TOGETHER_ONLY: Final = frozenset(_NAMES.split())
_SEQUENCE: Final = frozenset({"NEXTVAL", "CURRVAL"})


def hidden_hazard(parts: Sequence[Token]) -> str | None:
    """A catalogue code, None where there is none: a stored function named like a built-in one, a sequence, or a
    sub-query that locks what it reads, which even planning does for a row found by its key."""
    for at in range(len(parts) - 1):
        token, following = parts[at], parts[at + 1]
        if token.kind is TokenKind.QUOTED and following.text == "(" and _called(parts, at):
            return "estimate_has_function"
        if token.kind is not TokenKind.WORD:
            continue
        if token.text in _TOGETHER_ONLY and following.text == "(" and token.end != following.start:
            return "estimate_has_function"
        if token.text in _SEQUENCE or (token.text == "VALUE" and following.text == "FOR"):
            return "estimate_has_function"
        if (token.text, following.text) in (("FOR", "UPDATE"), ("FOR", "SHARE"), ("LOCK", "IN")):
            return "estimate_locks"
    return None


def _called(parts: Sequence[Token], at: int) -> bool:
    """Not the table after INTO, with its columns."""
    qualified = at > 1 and parts[at - 1].text == "."
    before = at - 3 if qualified else at - 1
    return not (before >= 0 and parts[before].kind is TokenKind.WORD and parts[before].text == "INTO")
