"""RESULT_COLUMNS: columns that every result must have. Carries over CloudDM's query_010."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import queried
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    main = queried(subject)
    if main is None:
        return

    if not main.tables or any(item.star for item in main.items):
        return
    named = {(item.alias or (item.column.name if item.column else "")).casefold() for item in main.items}
    missing = [column for column in options.words("columns") if column.casefold() not in named]
    if missing:
        yield Note("RESULT_COLUMNS", main.at, ", ".join(missing))


RULE = Rule(
    id="QRY008",
    code="RESULT_COLUMNS",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"SELECT"}),
    enabled=False,
    parameters=(
        Parameter(
            "columns",
            (),
            Text(
                zh="必须包含的字段",
                en="Columns that must be there",
            ),
        ),
    ),
    title=Text(
        zh="结果集必须包含的字段",
        en="Columns of every result",
    ),
    message=Text(
        zh="查询结果缺少必须包含的字段 {detail}，请补上。",
        en="The result lacks the columns {detail}. Add them.",
    ),
    why=Text(
        zh="有的团队要求结果集总是带上某些字段（如租户、时间），以便核对和过滤。",
        en="Some teams want certain columns (tenant, time) in every result, to check and filter by.",
    ),
    fails=(Example("SELECT a FROM t", options={"columns": ("id",)}),),
    passes=(
        Example("SELECT id, a FROM t", options={"columns": ("id",)}),
        Example("SELECT * FROM t", options={"columns": ("id",)}),
        Example("SELECT a FROM t"),
    ),
)
