"""How things are called."""

from typing import Final

NAMES: Final[tuple[str, ...]] = ()
