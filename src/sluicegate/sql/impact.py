"""What a definition does to its table while it runs: which lock, whether the data is written anew, how much.

Worked out from the statement and the catalogue by the dialect; nothing is asked of the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sluicegate.core.messages import Language, text
from sluicegate.sql.model import ObjectRef


class Work(StrEnum):
    """How much the server has to do, least first."""

    METADATA = "metadata"  # at once, whatever the size
    REMOVE = "remove"  # takes all data away, mostly at once
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


# ---------------------------------------------------------------- in words

_HEADS: Final = {
    Work.METADATA: ("impact_metadata", "impact_metadata_no_table"),
    Work.REMOVE: ("impact_remove", "impact_remove_no_table"),
    Work.SCAN: ("impact_scan", "impact_scan_no_table"),
    Work.INDEX: ("impact_index", "impact_index_no_table"),
    Work.REWRITE: ("impact_rewrite", "impact_rewrite_no_table"),
    Work.UNKNOWN: ("impact_unknown", "impact_unknown_no_table"),
}
_WAITING: Final = {
    Blocks.NOBODY: "impact_blocks_nobody",
    Blocks.WRITES: "impact_blocks_writes",
    Blocks.EVERYTHING: "impact_blocks_everything",
    Blocks.UNKNOWN: "impact_blocks_unknown",
}
_UNITS: Final[dict[Language, tuple[tuple[int, str], ...]]] = {
    "zh": ((100_000_000, "unit_hundred_million"), (10_000, "unit_ten_thousand")),
    "en": ((1_000_000_000, "unit_billion"), (1_000_000, "unit_million")),
}
_BYTES: Final = ("B", "KB", "MB", "GB", "TB", "PB")


def describe(impact: Impact, language: Language) -> str:
    """One line: what is done to which table, who waits meanwhile, and in brackets the server's own words."""
    named, nameless = _HEADS[impact.work]
    parts = []
    if impact.table is None:
        parts.append(text(nameless, language))
    else:
        parts.append(text(named, language, table=_name(impact.table), size=_extent(impact, language)))
    if impact.work not in (Work.METADATA, Work.REMOVE) or impact.blocks is not Blocks.NOBODY:
        parts.append(text(_WAITING[impact.blocks], language))
    if impact.reason:
        parts.append(text(impact.reason, language, **impact.params))
    words = ", ".join(word for word in (_algorithm(impact), impact.lock) if word)
    line = text("impact_joint", language).join(parts)
    return text("impact_with_words", language, line=line, words=words) if words else line


def _algorithm(impact: Impact) -> str:
    return f"ALGORITHM={impact.algorithm}" if impact.algorithm else ""


def _name(ref: ObjectRef) -> str:
    place = ref.schema or ref.database
    return f"{place}.{ref.name}" if place else ref.name


def _extent(impact: Impact, language: Language) -> str:
    rows = None if impact.rows is None else text("impact_rows", language, count=count(impact.rows, language))
    found = [part for part in (rows, None if impact.size_bytes is None else size(impact.size_bytes)) if part]
    if not found:
        return ""
    return text("impact_extent", language, extent=text("impact_joint", language).join(found))


def count(number: int, language: Language) -> str:
    """A rough number as people say it: 1,200 万, 12 million; exact where it is small."""
    for least, unit in _UNITS[language]:
        if number >= least:
            value = number / least
            shown = f"{value:,.0f}" if value >= 100 else f"{value:,.1f}".removesuffix(".0")
            return text(unit, language, number=shown)
    return f"{number:,}"


def size(number: int) -> str:
    """Bytes in the unit that leaves one to three digits before the point."""
    value, unit = float(number), 0
    while value >= 1000 and unit < len(_BYTES) - 1:
        value, unit = value / 1024, unit + 1
    shown = f"{value:.0f}" if unit == 0 or value >= 100 else f"{value:.1f}".removesuffix(".0")
    return f"{shown} {_BYTES[unit]}"


# ---------------------------------------------------------------- kept and read back


def to_json(impact: Impact) -> dict[str, object]:
    return {
        "work": impact.work.value,
        "blocks": impact.blocks.value,
        "table": None if impact.table is None else _ref_json(impact.table),
        "algorithm": impact.algorithm,
        "lock": impact.lock,
        "rows": impact.rows,
        "size_bytes": impact.size_bytes,
        "reason": impact.reason,
        "params": dict(impact.params),
    }


def _ref_json(ref: ObjectRef) -> dict[str, object]:
    return {"database": ref.database, "schema": ref.schema, "name": ref.name}


def from_json(data: Mapping[str, Any]) -> Impact:
    """The inverse of ``to_json``."""
    table = data["table"]
    return Impact(
        Work(data["work"]),
        Blocks(data["blocks"]),
        None
        if table is None
        else ObjectRef(table["name"], schema=table["schema"], database=table["database"]),
        data["algorithm"],
        data["lock"],
        data["rows"],
        data["size_bytes"],
        data["reason"],
        dict(data["params"]),
    )
