"""What the server's plan says."""

from typing import Final

NAMES: Final[tuple[str, ...]] = (
    "full_scan",
    "many_rows",
    "large_share",
    "unknown_rows",
    "nested_scan",
    "large_sort",
)
