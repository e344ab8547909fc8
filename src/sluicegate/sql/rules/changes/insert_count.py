"""INSERT_COUNT_MISMATCH: as many values as columns."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked, written_columns
from sluicegate.sql.rules.base import POSTGRESQL, STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    lengths = [length for length in query.row_lengths if length]
    main = query.main
    if query.rows is None and main is not None and main.items and not any(item.star for item in main.items):
        lengths = [len(main.items)]
    columns = written_columns(subject) if lengths else None
    expected = lengths[0] if lengths else 0
    if columns is not None:
        expected = len(columns)
    wrong = next((length for length in lengths if length != expected), None)
    if subject.family == POSTGRESQL and query.columns is None and wrong is not None and columns is not None:
        wrong = next((length for length in lengths if length > expected), None)  # fewer take their defaults
    if wrong is not None:
        yield Note("INSERT_COUNT_MISMATCH", query.at, str(wrong), params={"expected": expected})


RULE = Rule(
    id="CHG022",
    code="INSERT_COUNT_MISMATCH",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    title=Text(
        zh="列数与值的个数不符",
        en="Columns and values differ in number",
    ),
    message=Text(
        zh="需要 {expected} 个值，但有一行给出了 {detail} 个，语句会执行失败，请核对。",
        en=(
            "There should be {expected} values, but a row has {detail}; the statement would fail. Correct it."
        ),
    ),
    why=Text(
        zh="列数与值的个数不一致，数据库会拒绝整条语句。",
        en="The server refuses a statement whose rows don't match its columns.",
    ),
    fails=(
        Example("INSERT INTO t (a, b) VALUES (1, 2, 3)"),
        Example("INSERT INTO t (a, b) VALUES (1, 2), (3)"),
        Example("INSERT INTO t (a, b) SELECT c FROM u WHERE c = 1"),
        Example("INSERT INTO t VALUES (1, 2, 3)", setup="CREATE TABLE t (a INT, b INT)"),
    ),
    passes=(
        Example("INSERT INTO t (a, b) VALUES (1, 2), (3, 4)"),
        Example("INSERT INTO t VALUES (1, 2, 3)"),
        Example("INSERT INTO t (a, b) SELECT c, d FROM u WHERE c = 1"),
        Example("INSERT INTO t VALUES (1, 2)", setup="CREATE TABLE t (a INT, b INT)"),
        Example(
            "INSERT INTO t VALUES (1, DEFAULT)",
            families=("mysql", "postgresql"),
            setup="CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a + 1) STORED)",
        ),
        Example(
            "INSERT INTO t VALUES (1)",
            families=("sqlite",),
            setup="CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a + 1) STORED)",
        ),
    ),
)
