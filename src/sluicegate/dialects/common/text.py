"""Statement text at the last door before the wire."""

from __future__ import annotations

import hashlib
import re

from sluicegate.core.errors import InvalidInput


def to_wire(statement: str) -> bytes:
    """The statement's bytes, exactly.

    Raises:
        InvalidInput: ``statement_has_nul``: drivers hand C strings to their libraries, which would run
            only what stands before the NUL; ``statement_not_unicode``: half of a surrogate pair.
    """
    if "\0" in statement:
        raise InvalidInput("statement_has_nul")
    try:
        return statement.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput("statement_not_unicode") from error


def bounded_name(name: str, limit: int) -> str:
    """The name itself, or, where the server's names are shorter, a digest of it with a readable head."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    return f"{name[: limit - 33]}:{digest}"


def checked_place(place: str) -> str:
    """The name of a marker place: letters, digits, ``_``, ``-`` and ``$`` only.

    Raises:
        InvalidInput: ``marker_place_invalid``.
    """
    if not re.fullmatch(r"[\w$-]{1,48}", place):
        raise InvalidInput("marker_place_invalid", place=place)
    return place
