"""Removing and renaming, and everything that isn't a table: views, triggers, routines, grants, partitions."""

from typing import Final

NAMES: Final[tuple[str, ...]] = ("drop_table",)
