"""What a definition does to its table while it runs: which lock, whether the data is written anew, how much.

Worked out from the statement and the catalogue by the dialect; nothing is asked of the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sluicegate.sql.model import ObjectRef


class Work(StrEnum):
    """How much the server has to do, least first."""

    METADATA = "metadata"  # at once, whatever the size
    SCAN = "scan"  # reads the whole table
    INDEX = "index"  # builds an index: reads the table, writes the index
    REWRITE = "rewrite"  # writes the whole table anew
    UNKNOWN = "unknown"


class Blocks(StrEnum):
    """Whose work on the table waits meanwhile, least first. A short lock at the beginning or end, which every
    definition takes, doesn't count."""

    NOBODY = "nobody"
    WRITES = "writes"
    EVERYTHING = "everything"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Impact:
    """One statement's.

    Attributes:
        table: the largest one it works on; None when it has none (a view, a sequence).
        algorithm: the server's own word (INSTANT, INPLACE, COPY), "" where it has none.
        lock: the server's own word (ACCESS EXCLUSIVE, LOCK=SHARED …), "" where it has none.
        rows, size_bytes: of the table, None when unknown.
        reason: a catalogue code that says what decides it, "" when there is nothing to say.
    """

    work: Work
    blocks: Blocks
    table: ObjectRef | None = None
    algorithm: str = ""
    lock: str = ""
    rows: int | None = None
    size_bytes: int | None = None
    reason: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
