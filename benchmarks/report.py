"""One line of the table that every benchmark yields."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import process_time
from typing import Final

_HEADS: Final = ("what", "ours", "peer", "ratio", "goal", "")


@dataclass(frozen=True)
class Figure:
    """One measurement.

    Attributes:
        what: in a few words.
        ours, peer: as text with unit; "" where there is no peer.
        ratio: how many times better than the peer.
        goal: as text, "" where none is set.
        met: None where no goal is set.
    """

    what: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.1f} ×"
        met = {None: "", True: "met", False: "MISSED"}[self.met]
        return self.what, self.ours, self.peer, ratio, self.goal, met


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Processor time of the fastest of so many runs: what others do on the machine counts less that way. What
    was left behind before is cleared away first, so that none pays for another one's rubbish."""
    best = float("inf")
    for _ in range(times):
        gc.collect()
        begin = process_time()
        work()
        best = min(best, process_time() - begin)
    return max(best, 1e-9)


def consume(items: Iterable[object]) -> int:
    return sum(1 for _ in items)


def table(title: str, figures: Iterable[Figure]) -> Iterator[str]:
    """The lines of a Markdown table."""
    rows = [_HEADS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    yield f"## {title}"
    yield ""
    for number, row in enumerate(rows):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    yield ""


def show(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
