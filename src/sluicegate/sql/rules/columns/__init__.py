"""Columns as they are defined."""

from typing import Final

NAMES: Final[tuple[str, ...]] = ()
