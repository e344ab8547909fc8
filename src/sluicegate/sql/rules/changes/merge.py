"""MERGE_STATEMENT: inserts, updates and deletes in one."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "MERGE":
        return

    yield Note("MERGE_STATEMENT", query.at, query.targets[0].name if query.targets else "")


RULE = Rule(
    id="CHG039",
    code="MERGE_STATEMENT",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(Query,),
    verbs=frozenset({"MERGE"}),
    title=Text(
        zh="MERGE 语句",
        en="MERGE",
    ),
    message=Text(
        zh="MERGE 会同时插入、更新或删除 {detail} 的行，并发时仍可能冲突，请确认并在低峰执行。",
        en=(
            "MERGE inserts, updates or deletes rows of {detail} at once and may still conflict with "
            "others. Make sure of it, and run it at a quiet time."
        ),
    ),
    why=Text(
        zh="与 INSERT … ON CONFLICT 不同，MERGE 并发执行时可能报唯一键冲突；影响的行数也难以预估。",
        en=(
            "Unlike INSERT … ON CONFLICT it can fail on a unique key when others insert meanwhile; how "
            "many rows it reaches is hard to foresee."
        ),
    ),
    fails=(
        Example(
            "MERGE INTO t USING u ON t.i = u.i WHEN MATCHED THEN UPDATE SET a = u.a WHEN NOT MATCHED THEN INSERT (i, a) VALUES (u.i, u.a)"
        ),
    ),
    passes=(Example("INSERT INTO t (i) VALUES (1) ON CONFLICT (i) DO NOTHING"),),
)
