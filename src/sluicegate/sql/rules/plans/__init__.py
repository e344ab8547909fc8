"""What the server's plan says."""

from typing import Final

NAMES: Final[tuple[str, ...]] = ()
