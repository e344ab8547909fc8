"""Indexes and keys."""

from typing import Final

NAMES: Final[tuple[str, ...]] = (
    "boolean_first",
    "column_twice",
    "column_unknown",
    "fulltext",
    "hash",
    "key_long",
    "key_not_bigint",
    "key_not_integer",
    "key_not_numbered",
    "key_uuid_text",
    "key_wide",
    "lob",
    "many",
    "name_twice",
    "redundant",
    "unique_added",
    "unique_nullable",
    "wide",
)
