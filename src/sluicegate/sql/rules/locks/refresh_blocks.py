"""REFRESH_NOT_CONCURRENT: readers wait until the view is computed."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import Maintenance


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, Maintenance) or structure.concurrently:
        return
    if structure.operation != "REFRESH MATERIALIZED VIEW":
        return
    for ref in structure.refs:
        if not subject.script.walk.created_here(ref):
            yield Note("REFRESH_NOT_CONCURRENT", structure.at, ref.name)


RULE = Rule(
    id="PGL035",
    code="REFRESH_NOT_CONCURRENT",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(Maintenance,),
    title=Text(zh="刷新物化视图时不可读", en="Materialized view refreshed while readers wait"),
    message=Text(
        zh="刷新物化视图 {detail} 期间不能读它。请用 REFRESH MATERIALIZED VIEW CONCURRENTLY（需要一个唯一索引）。",
        en="Nobody can read {detail} while it is refreshed. Use REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index.",
    ),
    why=Text(
        zh="不带 CONCURRENTLY 时从查询开始到结束都持有 ACCESS EXCLUSIVE 锁。",
        en="Without CONCURRENTLY an ACCESS EXCLUSIVE lock is held for as long as the query runs.",
    ),
    fails=(Example("REFRESH MATERIALIZED VIEW v"),),
    passes=(Example("REFRESH MATERIALIZED VIEW CONCURRENTLY v"),),
)
