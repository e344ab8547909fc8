"""How data is changed."""

from typing import Final

NAMES: Final[tuple[str, ...]] = ()
