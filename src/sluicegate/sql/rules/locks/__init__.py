"""What keeps others waiting, or breaks them: for PostgreSQL's way of locking."""

from typing import Final

NAMES: Final[tuple[str, ...]] = ()
