"""Indexes and keys."""

from typing import Final

NAMES: Final[tuple[str, ...]] = ()
