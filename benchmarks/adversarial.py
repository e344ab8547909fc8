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


def _time(dialect: str, hostile: Hostile, size: int) -> float:
    script, context = hostile.make(size), AnalysisContext()
    return seconds(lambda: consume(registry.get(dialect).analyse(script, context)))


def figures() -> Iterator[Figure]:
    few = [one for one in HOSTILE if one.name not in MANY_STATEMENTS]
    many = [one for one in HOSTILE if one.name in MANY_STATEMENTS]
    for dialect in _DIALECTS:
        consume(registry.get(dialect).analyse("SELECT 1; CREATE TABLE t (a int)", AnalysisContext()))
        yield from _few(dialect, few)
        yield from _many(dialect, many)


def _few(dialect: str, inputs: list[Hostile]) -> Iterator[Figure]:
    took = sorted(((_time(dialect, one, _MEGABYTE), one) for one in inputs), key=lambda pair: -pair[0])
    within = sum(time <= 1 for time, _one in took)
    yield Figure(
        f"{dialect}: {len(took)} inputs of 1 MB",
        f"{within} within 1 s",
        goal="all",
        met=within == len(took),
    )
    for time, one in took[:_WORST]:
        yield Figure(f"{dialect}: {one.name}, 1 MB", f"{time:.1f} s", goal="≤ 1 s", met=time <= 1)
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
    growths = [
        (time / tenth, one.name)
        for time, one in took
        if time > _NOISE and (tenth := _time(dialect, one, size // 10)) > _NOISE / 10
    ]
    growth, name = max(growths, default=(0.0, "-"))
    return Figure(
        f"{dialect}: ten times the input, {name}", f"{growth:.1f} ×", goal="≤ 11 ×", met=growth <= 11
    )
