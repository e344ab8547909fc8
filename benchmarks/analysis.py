"""The analysis of scripts: how fast, beside sqlparse and sqlglot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import sqlglot
import sqlparse

from benchmarks.report import Figure, consume, seconds
from benchmarks.scripts import mixed, unlike
from sluicegate.dialects import registry
from sluicegate.dialects.mysql.analysis import analyser
from sluicegate.dialects.mysql.variant import MYSQL
from sluicegate.dialects.postgres.analysis import ANALYSER as POSTGRES
from sluicegate.dialects.sqlite.analysis import ANALYSER as SQLITE
from sluicegate.sql.analyse import Analyser
from sluicegate.sql.model import AnalysisContext
from sluicegate.sql.split import SplitRules
from sluicegate.sql.splitter import Splitter
from sluicegate.sql.window import Window

TITLE: Final = "Analysis of scripts"
_STATEMENTS: Final = 30_000
_UNLIKE: Final = 3_000
_PEER_STATEMENTS: Final = 1_000  # the peers are slow; their rate doesn't depend on how many there are
_TIMES: Final = 5  # the fastest counts, ours and the peers'
_CHUNK: Final = 1 << 16  # characters
_PARTS: Final[dict[str, Analyser]] = {
    "mysql": analyser(MYSQL, None),
    "postgresql": POSTGRES,
    "sqlite": SQLITE,
}
_SQLGLOT: Final = {"mysql": "mysql", "postgresql": "postgres", "sqlite": "sqlite"}


def _analysed(dialect: str, script: str) -> Callable[[], int]:
    context = AnalysisContext()
    return lambda: consume(registry.get(dialect).analyse(script, context))


def _as_archery(script: str) -> None:
    """The calls that Archery makes to find out what a script holds."""
    parse: Any = sqlparse
    for statement in parse.split(script):
        bare = parse.format(statement, strip_comments=True)
        if bare:
            parse.parse(bare)[0].get_type()


def _cut(rules: SplitRules, script: str) -> int:
    """Splits a stream of chunks, as ``analyse_stream`` does; the number of statements."""
    window = Window(script[at : at + _CHUNK] for at in range(0, len(script), _CHUNK))
    splitter, count, keep = Splitter(rules), 0, 0
    while True:
        for piece in splitter.pieces(window.text, final=window.final):
            count, keep = count + 1, piece.outer_start
        if window.final:
            return count
        gone = window.read(keep)
        splitter.shift(gone)
        keep -= gone


def figures() -> Iterator[Figure]:
    script, short = mixed(_STATEMENTS), mixed(_PEER_STATEMENTS)
    parse: Any = sqlparse
    split_peer = len(short) / seconds(lambda: parse.split(short), _TIMES) / 1e6
    archery = _PEER_STATEMENTS / seconds(lambda: _as_archery(short), _TIMES)
    for dialect, parts in _PARTS.items():
        _analysed(dialect, short[:5000])()  # loads what is loaded once
        yield from _split(dialect, parts, script, short, split_peer)
        yield from _rates(dialect, script, short, archery)


def _split(dialect: str, parts: Analyser, script: str, short: str, split_peer: float) -> Iterator[Figure]:
    ours = len(script) / seconds(lambda: _cut(parts.rules, script), _TIMES) / 1e6
    cutter = sqlglot.Dialect.get_or_raise(_SQLGLOT[dialect])
    tokens = len(short) / seconds(lambda: cutter.tokenize(short), _TIMES) / 1e6
    rate = f"{ours:.1f} MB/s"
    yield Figure(
        f"{dialect}: split a stream; sqlparse.split",
        rate,
        f"{split_peer:.2f} MB/s",
        ours / split_peer,
        "≥ 25 MB/s",
        ours >= 25,
    )
    yield Figure(f"{dialect}: split a stream; sqlglot's tokenizer", rate, f"{tokens:.1f} MB/s", ours / tokens)


def _rates(dialect: str, script: str, short: str, archery: float) -> Iterator[Figure]:
    ours = _STATEMENTS / seconds(_analysed(dialect, script), _TIMES)
    parsed = _PEER_STATEMENTS / seconds(lambda: sqlglot.parse(short, dialect=_SQLGLOT[dialect]), _TIMES)
    rate = f"{ours:,.0f}/s"
    yield Figure(f"{dialect}: analysis", rate, goal="≥ 20,000/s", met=ours >= 20_000)
    yield Figure(
        f"{dialect}: analysis; Archery's calls",
        rate,
        f"{archery:,.0f}/s",
        ours / archery,
        "≥ 50 ×",
        ours / archery >= 50,
    )
    yield Figure(
        f"{dialect}: analysis; sqlglot.parse",
        rate,
        f"{parsed:,.0f}/s",
        ours / parsed,
        "≥ 2 ×",
        ours / parsed >= 2,
    )
    other = unlike(_UNLIKE)
    rate_unlike = _UNLIKE / seconds(_analysed(dialect, other), _TIMES)
    parsed = _UNLIKE / seconds(lambda: sqlglot.parse(other, dialect=_SQLGLOT[dialect]), _TIMES)
    yield Figure(
        f"{dialect}: no two alike; sqlglot.parse",
        f"{rate_unlike:,.0f}/s",
        f"{parsed:,.0f}/s",
        rate_unlike / parsed,
    )
