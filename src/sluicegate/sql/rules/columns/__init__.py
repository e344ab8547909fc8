"""Columns as they are defined."""

from typing import Final

NAMES: Final[tuple[str, ...]] = (
    "attribute_lost",
    "charset_changed",
    "dropped",
    "dropped_in_use",
    "enum_value_lost",
    "lob_default",
    "made_not_null",
    "money_float",
    "not_null_added",
    "null_default",
    "position",
    "stored_generated",
    "twice",
    "type_changed",
    "type_narrowed",
    "utf8",
    "zero_date",
)
