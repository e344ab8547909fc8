"""What the catalogue says of the tables and columns that a statement names."""

from typing import Final

NAMES: Final[tuple[str, ...]] = ()
