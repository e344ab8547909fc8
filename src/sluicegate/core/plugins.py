"""What other installed packages add, by entry points."""

from __future__ import annotations

import sys
from functools import cache
from os import scandir
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


@cache
def entry_points(group: str) -> tuple[EntryPoint, ...]:
    """Those of the group, by name.

    Looking through the packages' files for the group's name takes a tenth of the time that
    ``importlib.metadata`` takes to read them all, and mostly nothing is found.
    """
    if not any(_mentions(entry, group) for entry in sys.path):
        return ()
    from importlib import metadata  # noqa: PLC0415 - costs more than all the rest of a short command

    return tuple(sorted(metadata.entry_points(group=group), key=lambda point: point.name))


def _mentions(directory: str, group: str) -> bool:
    header = f"[{group}]".encode()
    try:
        with scandir(directory or ".") as entries:
            found = [entry.path for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return False  # zip files and paths that aren't there: nothing of ours is installed in one
    return any(_holds(Path(path, "entry_points.txt"), header) for path in found)


def _holds(file: Path, header: bytes) -> bool:
    try:
        return header in file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return False
