"""INSERT_NO_COLUMNS: values are matched by position."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    if query.columns is None and (any(query.row_lengths) or query.main is not None):
        yield Note("INSERT_NO_COLUMNS", query.at, query.targets[0].name if query.targets else "")


RULE = Rule(
    id="CHG021",
    code="INSERT_NO_COLUMNS",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    title=Text(
        zh="INSERT 没有列名",
        en="INSERT without a list of columns",
    ),
    message=Text(
        zh="插入 {detail} 时没有列出列名，请写明列名。",
        en="The INSERT into {detail} names no columns. List them.",
    ),
    why=Text(
        zh="表增加一列后语句就会失败，列的次序变了还会把值写错位置。",
        en=(
            "Once the table gets a column the statement fails; if the order changes, values land in the "
            "wrong columns."
        ),
    ),
    fails=(
        Example("INSERT INTO t VALUES (1, 2)"),
        Example("INSERT INTO t SELECT a, b FROM u WHERE a = 1"),
    ),
    passes=(
        Example("INSERT INTO t (a, b) VALUES (1, 2)"),
        Example("INSERT INTO t DEFAULT VALUES", families=("postgresql", "sqlite")),
        Example("INSERT INTO t SET a = 1", families=("mysql",)),
    ),
)
