"""Inputs of 1 MB made to keep the analysis busy, and whether time grows with length alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from benchmarks.hostile import HOSTILE, MANY_STATEMENTS, Hostile
from benchmarks.report import Figure, consume, seconds
from sluicegate.dialects import registry
from sluicegate.sql.model import AnalysisContext

TITLE: Final = "Hostile inputs"
_MEGABYTE: Final = 1_000_000
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


def figures() -> Iterator[Figure]:
    few = [one for one in HOSTILE if one.name not in MANY_STATEMENTS]
    many = [one for one in HOSTILE if one.name in MANY_STATEMENTS]
    for dialect in _DIALECTS:
        consume(registry.get(dialect).analyse("SELECT 1; CREATE TABLE t (a int)", AnalysisContext()))
        yield from _few(dialect, few)
        yield from _many(dialect, many)


def _few(dialect: str, inputs: list[Hostile]) -> Iterator[Figure]:
    took = sorted(((_settled(dialect, one, _MEGABYTE), one) for one in inputs), key=lambda pair: -pair[0])
    within = sum(time <= _LIMIT for time, _one in took)
    yield Figure(
        f"{dialect}: {len(took)} inputs of 1 MB",
        f"{within} within 1 s",
        goal="all",
        met=within == len(took),
    )
    for time, one in took[:_WORST]:
        yield Figure(f"{dialect}: {one.name}, 1 MB", f"{time:.2f} s", goal="≤ 1 s", met=time <= _LIMIT)
    yield _growth(dialect, took, _MEGABYTE)


def _many(dialect: str, inputs: list[Hostile]) -> Iterator[Figure]:
    size = _MEGABYTE // 5
    took = [(_time(dialect, one, size), one) for one in inputs]
    for time, one in took:
        statements = consume(registry.get(dialect).analyse(one.make(size), AnalysisContext()))
        if statements >= _MANY:  # in this dialect too
            yield Figure(f"{dialect}: {one.name}", f"{statements / time:,.0f} statements/s")
    yield _growth(dialect, took, size)


def _growth(dialect: str, took: list[tuple[float, Hostile]], size: int) -> Figure:
    """The worst growth from a tenth of the input."""
    growths = [(_times(dialect, one, size, time), one.name) for time, one in took if time > _NOISE]
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
