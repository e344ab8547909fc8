"""Characters that make a reader see another statement than the server does.

Line ends that only some programs honour, marks that reverse or hide text, and letters that look like
others. See Unicode Technical Report 36 and the "Trojan Source" paper (CVE-2021-42574).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

# Wrong anywhere, literals included: C0 but TAB and LF, DEL and C1 (with NEL), CR without LF, line and
# paragraph separators, bidirectional controls, lone surrogates.
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ALWAYS: Final = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029" + _BIDI + "\ud800-\udfff]"
_BARE_RETURN: Final = r"\r(?!\n)"
FORBIDDEN: Final = re.compile(f"{_ALWAYS}|{_BARE_RETURN}")
_QUICK: Final = re.compile(_ALWAYS)  # twice as fast as with the other alternative
_RETURN: Final = re.compile(_BARE_RETURN)
# Wrong outside string literals: other invisible marks, blanks that no server takes for blanks.
HIDDEN: Final = re.compile(
    "[\xa0\xad\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200d\u202f\u205f-\u2065\u206a-\u206f"
    "\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]"
)
_NON_ASCII: Final = re.compile(r"[^\x00-\x7f]")

# Letters of other scripts that no reader tells from Latin ones.
_LOOK_LATIN: Final = frozenset("аеіїјорсухѕԁԛԝһӏАВЕЅІЈКМНОРСТУХԌԚԜӀαορυνικΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳօսոհցԵՕՏ")
_SCRIPTS_THAT_CONFUSE: Final = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
_STRANGE_FORMS: Final = ("FULLWIDTH", "MATHEMATICAL", "CIRCLED", "PARENTHESIZED", "HALFWIDTH LATIN", "SMALL ")


def is_plain(text: str) -> bool:
    """Whether the text holds nothing that no script may hold."""
    return _QUICK.search(text) is None and ("\r" not in text or _RETURN.search(text) is None)


def forbidden(text: str) -> Iterator[int]:
    """Offsets of characters that no script may hold anywhere."""
    return (match.start() for match in FORBIDDEN.finditer(text))


def hidden(text: str, start: int, end: int) -> Iterator[int]:
    """Offsets of invisible or misleading blanks in this range; a leading BOM of the text is none."""
    return (
        match.start()
        for match in HIDDEN.finditer(text, start, end)
        if match.start() > 0 or text[0] != "\ufeff"
    )


def has_non_ascii(text: str) -> bool:
    return _NON_ASCII.search(text) is not None


@lru_cache(maxsize=1024)
def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    if name.startswith("LATIN") or character.isascii():
        return "LATIN"
    return next((script for script in _SCRIPTS_THAT_CONFUSE if name.startswith(script)), "OTHER")


@lru_cache(maxsize=4096)
def confusable(identifier: str) -> bool:
    """Whether a name may be taken for another one: it mixes Latin with a script of the same shapes,
    is made only of such shapes, or uses full-width and mathematical forms or punctuation."""
    letters = [character for character in identifier if character.isalpha()]
    for character in identifier:
        if character.isascii():
            continue
        category = unicodedata.category(character)
        if category[0] in "ZPSC":
            return True
        if unicodedata.name(character, "").startswith(_STRANGE_FORMS):
            return True
    scripts = {_script(character) for character in letters}
    foreign = scripts & set(_SCRIPTS_THAT_CONFUSE)
    if not foreign:
        return False
    if "LATIN" in scripts or len(foreign) > 1:
        return True
    return all(character in _LOOK_LATIN for character in letters)
