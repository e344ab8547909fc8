"""Inputs of 1 MB made to keep the analysis busy, and whether time grows with length alone.

All inputs would take longer than anybody waits, so a twentieth of the length is measured of all of them, and the
whole megabyte and its tenth of the worst.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.hostile import HOSTILE, Hostile
from benchmarks.report import Figure, consume, seconds
from sluicegate.dialects import registry
from sluicegate.sql.model import AnalysisContext

TITLE: Final = "Hostile inputs"
_MEGABYTE: Final = 1_000_000
_SAMPLE: Final = _MEGABYTE // 20
_WORST: Final = 3
_DIALECTS: Final = ("mysql", "postgresql", "sqlite")
_NOISE: Final = 0.02  # seconds; shorter runs say nothing of growth


def _time(dialect: str, hostile: Hostile, size: int) -> float:
    script, context = hostile.make(size), AnalysisContext()
    return seconds(lambda: consume(registry.get(dialect).analyse(script, context)))


def figures() -> Iterator[Figure]:
    for dialect in _DIALECTS:
        consume(registry.get(dialect).analyse("SELECT 1; CREATE TABLE t (a int)", AnalysisContext()))
        took = sorted(((_time(dialect, one, _SAMPLE) * 20, one) for one in HOSTILE), key=lambda one: -one[0])
        within = sum(time <= 1 for time, _one in took)
        yield Figure(
            f"{dialect}: {len(took)} inputs, 1 MB each (from a twentieth)",
            f"{within} within 1 s",
            goal="all",
            met=within == len(took),
        )
        for _took, one in took[:_WORST]:
            yield from _whole(dialect, one)


def _whole(dialect: str, one: Hostile) -> Iterator[Figure]:
    tenth = _time(dialect, one, _MEGABYTE // 10)
    if tenth > 1:  # what misses the goal by so much needn't be waited for
        yield Figure(f"{dialect}: {one.name}, 0.1 MB", f"{tenth:.1f} s", goal="≤ 0.1 s", met=False)
        return
    whole = _time(dialect, one, _MEGABYTE)
    yield Figure(f"{dialect}: {one.name}, 1 MB", f"{whole:.1f} s", goal="≤ 1 s", met=whole <= 1)
    if tenth > _NOISE:
        growth = whole / tenth
        yield Figure(
            f"{dialect}: {one.name}, 1 MB to 0.1 MB", f"{growth:.1f} ×", goal="≤ 11 ×", met=growth <= 11
        )
