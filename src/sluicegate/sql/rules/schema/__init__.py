"""What the catalogue says of the tables and columns that a statement names."""

from typing import Final

NAMES: Final[tuple[str, ...]] = (
    "table_unknown",
    "column_unknown",
    "table_exists",
    "column_exists",
    "index_unknown",
    "index_exists",
    "foreign_key_target_unknown",
    "foreign_key_target_not_unique",
    "changed_view",
)
