"""Indexes, primary keys, unique and foreign keys, checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sluicegate.dialects.mysql.definitions.columns import check, references
from sluicegate.dialects.mysql.definitions.reading import Reading, text_of
from sluicegate.sql.structure.definitions import Check, ForeignKey, Index, IndexKind, KeyPart
from sluicegate.sql.tokens import STRING

KEY_WORDS: Final = frozenset({"KEY", "INDEX"})
_SPECIAL: Final = {"FULLTEXT": IndexKind.FULLTEXT, "SPATIAL": IndexKind.SPATIAL, "VECTOR": IndexKind.PLAIN}
_OPENING: Final = frozenset(
    {"PRIMARY", "UNIQUE", "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN", "CHECK", "KEY", "INDEX"}
)


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a table that isn't a column; all None for one without meaning here (PERIOD)."""

    index: Index | None = None
    foreign_key: ForeignKey | None = None
    check: Check | None = None
    if_not_exists: bool = False


def is_part(reading: Reading) -> bool:
    """Whether what stands here is a key or constraint rather than a column."""
    key = reading.key()
    if key == "PERIOD":
        return reading.key(1) == "FOR"
    if key == "VECTOR":
        return reading.key(1) in KEY_WORDS
    return key in _OPENING


def part(reading: Reading) -> Part:
    at = reading.at
    name: str | None = None
    constraint = reading.accept("CONSTRAINT")
    if constraint and reading.key() not in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
        reading.accept("IF", "NOT", "EXISTS")
        name = reading.one_name() or None
    if reading.accept("PRIMARY"):
        reading.accept_any(KEY_WORDS)
        return _index(reading, IndexKind.PRIMARY, None, at, constraint=True)
    if reading.accept("UNIQUE"):
        reading.accept_any(KEY_WORDS)
        return _index(reading, IndexKind.UNIQUE, name, at, constraint=constraint)
    if reading.key() in _SPECIAL:
        method = "vector" if reading.key() == "VECTOR" else ""
        kind = _SPECIAL[reading.next().key]
        reading.accept_any(KEY_WORDS)
        return _index(reading, kind, name, at, method=method)
    if reading.accept_any(KEY_WORDS):
        return _index(reading, IndexKind.PLAIN, name, at)
    if reading.accept("FOREIGN", "KEY"):
        return _foreign_key(reading, name, at)
    if reading.key() == "CHECK":
        return Part(check=check(reading, name))
    return Part()


def _index(
    reading: Reading,
    kind: IndexKind,
    name: str | None,
    at: int,
    *,
    constraint: bool = False,
    method: str = "",
) -> Part:
    optional = reading.accept("IF", "NOT", "EXISTS")
    method = _method(reading) or method
    if reading.key() != "(":
        own = reading.one_name()
        name = name if kind is IndexKind.PRIMARY else own or name
        method = _method(reading) or method
    index = index_body(reading, kind, name, at, constraint=constraint, method=method)
    return Part(index=index, if_not_exists=optional)


def index_body(
    reading: Reading,
    kind: IndexKind,
    name: str | None,
    at: int,
    *,
    constraint: bool = False,
    method: str = "",
) -> Index:
    """(parts) and the options behind them."""
    inner = reading.parenthesis()
    parts = () if inner is None else tuple(_key_part(element) for element in inner.elements())
    comment = ""
    while not reading.done:
        if found := _method(reading):
            method = found
        elif reading.accept("COMMENT"):
            reading.accept("=")
            comment = text_of(reading.next()) if reading.token().kind == STRING else ""
        elif not _option(reading):
            break
    return Index(kind, parts, name, method, constraint=constraint, comment=comment, at=at)


def _method(reading: Reading) -> str:
    return reading.word().lower() if reading.accept("USING") or reading.accept("TYPE") else ""


def _option(reading: Reading) -> bool:
    if reading.accept("WITH", "PARSER"):
        reading.word()
        return True
    if reading.accept("NOT", "IGNORED") or reading.accept_any(
        {"VISIBLE", "INVISIBLE", "IGNORED", "CLUSTERED", "NONCLUSTERED", "GLOBAL", "LOCAL"}
    ):
        return True
    if reading.key() in _VALUED or (reading.token().kind == "WORD" and reading.key(1) == "="):
        if reading.key() in ("ALGORITHM", "LOCK"):
            return False
        reading.i += 1
        reading.value()
        return True
    return False


_VALUED: Final = frozenset({"KEY_BLOCK_SIZE", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"})


def _key_part(element: Reading) -> KeyPart:
    begin = element.i
    if element.key() == "(":
        element.skip_parenthesis()
        return KeyPart("", element.slice(begin, element.i), descending=element.key() == "DESC")
    name = element.one_name()
    prefix = None
    inner = element.parenthesis()
    if inner is not None:
        prefix = inner.number()
        if prefix is None:  # a call: no server takes it without parentheses of its own
            return KeyPart("", element.slice(begin, element.end))
    return KeyPart(name, "", prefix, element.key() == "DESC")


def _foreign_key(reading: Reading, name: str | None, at: int) -> Part:
    optional = reading.accept("IF", "NOT", "EXISTS")
    if reading.key() != "(":
        own = reading.one_name()
        name = name or own or None
    columns = reading.column_list()
    if reading.key() != "REFERENCES":
        return Part()
    return Part(foreign_key=references(reading, columns, name, at), if_not_exists=optional)
