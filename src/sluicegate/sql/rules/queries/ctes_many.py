"""CTES_MANY: more common tables than one can follow."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    if len(query.ctes) > options.number("max"):
        yield Note("CTES_MANY", query.ctes[0].at, str(len(query.ctes)))


RULE = Rule(
    id="QRY040",
    code="CTES_MANY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("ctes",),
    parameters=(
        Parameter(
            "max",
            8,
            Text(
                zh="最多的个数",
                en="Most common tables",
            ),
            minimum=0,
        ),
    ),
    title=Text(
        zh="WITH 子句过多",
        en="Many common tables",
    ),
    message=Text(
        zh="WITH 中有 {detail} 个查询，超过 {max} 个，请拆分语句。",
        en="WITH holds {detail} queries, more than {max}. Split the statement.",
    ),
    why=Text(
        zh="过多的公共表表达式难以核对，每个都可能被整体物化。",
        en="So many are hard to check, and each may be materialised.",
    ),
    fails=(Example("WITH a AS (SELECT 1), b AS (SELECT 2) SELECT * FROM a, b", options={"max": 1}),),
    passes=(Example("WITH a AS (SELECT 1), b AS (SELECT 2) SELECT * FROM a, b"),),
)
