"""How data is read."""

from typing import Final

NAMES: Final[tuple[str, ...]] = ()
