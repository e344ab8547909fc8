"""The first check of a script: its bytes, before anybody reads it as SQL.

Only what is wrong in every dialect and every place is refused here. Invisible characters that are
right inside a literal (the joiners of emoji) are left to the analysis, which knows literals.
"""

from __future__ import annotations

from sluicegate.core.errors import InvalidInput
from sluicegate.sql.characters import FORBIDDEN

_BOM = "\ufeff"


class ScriptRefused(InvalidInput):
    """The bytes can't be accepted. Codes: script_not_utf8, script_forbidden_character; both name line
    and column, counted from 1 in characters (for bytes that aren't UTF-8: up to the first bad one)."""


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of a character offset. Only LF ends a line."""
    before = text.rfind("\n", 0, offset)
    return text.count("\n", 0, offset) + 1, offset - before


def check(script: bytes) -> str:
    """The script as text, every character kept (a leading byte order mark too).

    Raises:
        ScriptRefused: with ``line``, ``column`` and for a character ``character`` (U+XXXX).
    """
    try:
        text = script.decode("utf-8")
    except UnicodeDecodeError as error:
        before = script[: error.start].decode("utf-8")
        line, column = position(before, len(before))
        raise ScriptRefused("script_not_utf8", line=line, column=column) from error
    found = FORBIDDEN.search(text)
    if found is not None:
        line, column = position(text, found.start())
        raise ScriptRefused(
            "script_forbidden_character", line=line, column=column, character=f"U+{ord(found[0]):04X}"
        )
    return text
