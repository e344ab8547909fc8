"""Inputs up to 1 MB made to keep the analysis busy, and whether time grows with length alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.hostile import HOSTILE, MANY_STATEMENTS, Hostile
from benchmarks.report import Figure, consume, seconds
from sluicegate.dialects import registry
from sluicegate.sql.model import AnalysisContext

TITLE: Final = "Hostile inputs"
_MEGABYTE: Final = 1_000_000
# Statements of too many tokens are refused before they are read, so that a shorter one may take longer.
_SIZES: Final = (_MEGABYTE, 300_000, 100_000)
_WORST: Final = 3
_MANY: Final = 100
_DIALECTS: Final = ("mysql", "postgresql", "sqlite")
_NOISE: Final = 0.05  # seconds; shorter runs say nothing of growth
_LIMIT: Final = 1.0  # seconds for a megabyte
_GROWTH: Final = 11.0  # times as long for ten times the input
_NEAR: Final = 0.8  # of a limit, from which on one run isn't enough to tell
_AGAIN: Final = 4


def _time(dialect: str, hostile: Hostile, size: int, times: int = 1) -> float:
    script, context = hostile.make(size), AnalysisContext()
    return seconds(lambda: consume(registry.get(dialect).analyse(script, context)), times)


def _settled(dialect: str, hostile: Hostile, size: int) -> float:
    """The time of one run, or of the fastest of some where one is close to the limit."""
    time = _time(dialect, hostile, size)
    return time if time < _NEAR * _LIMIT else min(time, _time(dialect, hostile, size, _AGAIN))


def _slowest(dialect: str, hostile: Hostile) -> tuple[float, int, Hostile]:
    time, size = max((_settled(dialect, hostile, size), size) for size in _SIZES)
    return time, size, hostile


def figures() -> Iterator[Figure]:
    few = [one for one in HOSTILE if one.name not in MANY_STATEMENTS]
    many = [one for one in HOSTILE if one.name in MANY_STATEMENTS]
    for dialect in _DIALECTS:
        consume(registry.get(dialect).analyse("SELECT 1; CREATE TABLE t (a int)", AnalysisContext()))
        yield from _few(dialect, few)
        yield from _many(dialect, many)


def _few(dialect: str, inputs: list[Hostile]) -> Iterator[Figure]:
    took = [_slowest(dialect, one) for one in inputs]
    took.sort(key=lambda worst: -worst[0])
    within = sum(time <= _LIMIT for time, _size, _one in took)
    yield Figure(
        f"{dialect}: {len(took)} inputs up to 1 MB",
        f"{within} within 1 s",
        goal="all",
        met=within == len(took),
    )
    for time, size, one in took[:_WORST]:
        name = f"{dialect}: {one.name}, {size / _MEGABYTE:g} MB"
        yield Figure(name, f"{time:.2f} s", goal="≤ 1 s", met=time <= _LIMIT)
    yield _growth(dialect, took)


def _many(dialect: str, inputs: list[Hostile]) -> Iterator[Figure]:
    size = _MEGABYTE // 5
    took = [(_time(dialect, one, size), size, one) for one in inputs]
    for time, _size, one in took:
        statements = consume(registry.get(dialect).analyse(one.make(size), AnalysisContext()))
        if statements >= _MANY:  # in this dialect too
            yield Figure(f"{dialect}: {one.name}", f"{statements / time:,.0f} statements/s")
    yield _growth(dialect, took)


def _growth(dialect: str, took: list[tuple[float, int, Hostile]]) -> Figure:
    """The worst growth from a tenth of the input."""
    growths = [(_times(dialect, one, size, time), one.name) for time, size, one in took if time > _NOISE]
    growth, name = max(growths, default=(0.0, "-"))
    return Figure(
        f"{dialect}: ten times the input, {name}", f"{growth:.1f} ×", goal="≤ 11 ×", met=growth <= _GROWTH
    )


def _times(dialect: str, hostile: Hostile, size: int, time: float) -> float:
    """How many times as long it takes as a tenth of it; measured again, both alike, where that is close to the
    limit: one of two times that are a second apart is easily disturbed."""
    tenth = _time(dialect, hostile, size // 10, _AGAIN)
    if time > _NEAR * _GROWTH * tenth:
        time = min(time, _time(dialect, hostile, size, _AGAIN))
        tenth = min(tenth, _time(dialect, hostile, size // 10, _AGAIN))
    return time / tenth if tenth > _NOISE / 10 else 0.0
