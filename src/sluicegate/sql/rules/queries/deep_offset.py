"""DEEP_OFFSET: rows are read only to be thrown away."""

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

    for select in query.selects:
        if select.offset is not None and select.offset > options.number("max"):
            yield Note("DEEP_OFFSET", select.at, str(select.offset))


RULE = Rule(
    id="QRY017",
    code="DEEP_OFFSET",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    parameters=(
        Parameter(
            "max",
            10000,
            Text(
                zh="允许跳过的行数",
                en="Rows that may be skipped",
            ),
            minimum=0,
        ),
    ),
    reads_literals=True,
    title=Text(
        zh="分页过深",
        en="Deep OFFSET",
    ),
    message=Text(
        zh="OFFSET {detail} 超过 {max}，跳过的行也要读取，请改为按主键续查。",
        en=(
            "OFFSET {detail} is more than {max}; skipped rows are read too. Continue from the last key "
            "instead."
        ),
    ),
    why=Text(
        zh="OFFSET 跳过的行都要先读出来再丢弃，越往后越慢。",
        en="The server reads all rows that are skipped, so that later pages get slower and slower.",
    ),
    fails=(
        Example("SELECT a FROM t ORDER BY a LIMIT 10 OFFSET 20000"),
        Example("SELECT a FROM t ORDER BY a LIMIT 20000, 10", families=("mysql", "sqlite")),
    ),
    passes=(
        Example("SELECT a FROM t ORDER BY a LIMIT 10 OFFSET 100"),
        Example("SELECT a FROM t WHERE id > 20000 ORDER BY id LIMIT 10"),
    ),
)
