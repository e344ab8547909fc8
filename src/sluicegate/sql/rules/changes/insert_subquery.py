"""INSERT_SUBQUERY: rows that come from a query. Carries over CloudDM's insert_004."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    if not options.flag("allow") and query.selects:
        yield Note("INSERT_SUBQUERY", query.selects[0].at)


RULE = Rule(
    id="CHG012",
    code="INSERT_SUBQUERY",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            True,
            Text(
                zh="允许在插入中使用查询",
                en="Queries are allowed",
            ),
        ),
    ),
    title=Text(
        zh="插入中的子查询",
        en="Sub-queries in INSERT",
    ),
    message=Text(
        zh="不允许在 INSERT 中使用查询，请写出要插入的值。",
        en="INSERT may not use queries here. Write the values.",
    ),
    why=Text(
        zh="INSERT … SELECT 会锁住被读的表，插入多少行也无法事先核对。",
        en="INSERT … SELECT locks what it reads, and nobody can check beforehand how many rows it makes.",
    ),
    fails=(
        Example("INSERT INTO t (a) SELECT b FROM u WHERE c = 1", options={"allow": False}),
        Example("INSERT INTO t (a) VALUES ((SELECT MAX(b) FROM u))", options={"allow": False}),
    ),
    passes=(
        Example("INSERT INTO t (a) SELECT b FROM u WHERE c = 1"),
        Example("INSERT INTO t (a) VALUES (1)", options={"allow": False}),
    ),
)
