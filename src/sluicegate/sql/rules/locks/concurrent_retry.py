"""CONCURRENT_IF_NOT_EXISTS: an index that failed half-way passes for one that exists."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateIndex


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateIndex) and structure.concurrently and structure.if_not_exists:
        yield Note("CONCURRENT_IF_NOT_EXISTS", structure.at, structure.index.name or "")


RULE = Rule(
    id="PGL011",
    code="CONCURRENT_IF_NOT_EXISTS",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(CreateIndex,),
    title=Text(zh="CONCURRENTLY 与 IF NOT EXISTS 同用", en="CONCURRENTLY together with IF NOT EXISTS"),
    message=Text(
        zh="CONCURRENTLY 中途失败会留下无效的索引 {detail}，IF NOT EXISTS 会把它当作已存在而跳过。请先确认没有无效索引，或先 DROP INDEX CONCURRENTLY IF EXISTS。",
        en="A failed CONCURRENTLY leaves an invalid index {detail} behind, which IF NOT EXISTS takes for the real one. Make sure there is none, or DROP INDEX CONCURRENTLY IF EXISTS first.",
    ),
    why=Text(
        zh="无效索引仍在写入时维护，却不会被查询使用，唯一性也不可靠。",
        en="An invalid index is kept up to date by writes but used by no query, and doesn't guarantee uniqueness.",
    ),
    fails=(Example("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)"),),
    passes=(
        Example("CREATE INDEX CONCURRENTLY i ON t (a)"),
        Example("CREATE INDEX IF NOT EXISTS i ON t (a)"),
    ),
)
