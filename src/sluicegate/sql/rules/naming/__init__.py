"""How things are called."""

from typing import Final

NAMES: Final[tuple[str, ...]] = (
    "column_case",
    "column_length",
    "column_reserved",
    "database_case",
    "forbidden_column",
    "foreign_key_prefix",
    "index_length",
    "index_prefix",
    "index_reserved",
    "index_unnamed",
    "leading_digit",
    "leftover",
    "non_ascii",
    "punctuation",
    "table_case",
    "table_length",
    "table_pattern",
    "table_reserved",
    "unique_prefix",
    "view_pattern",
)
