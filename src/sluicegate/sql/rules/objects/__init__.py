"""Removing and renaming, and everything that isn't a table: views, triggers, routines, grants, partitions."""

from typing import Final

NAMES: Final[tuple[str, ...]] = (
    "create_database",
    "drop_foreign_key",
    "drop_index",
    "drop_missing_guard",
    "drop_partition",
    "drop_primary_key",
    "drop_routine",
    "drop_table",
    "drop_view",
    "grant_all",
    "maintenance",
    "rename_column",
    "rename_table",
    "routine",
    "trigger",
    "truncate_table",
    "view",
)
