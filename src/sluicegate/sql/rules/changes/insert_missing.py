"""INSERT_MISSING_COLUMN: a column that must have a value gets none."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked, has_trigger, target
from sluicegate.sql.rules.base import SQLITE, STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    table = target(subject)
    if table is None or query.columns is None or table.view or has_trigger(subject, table.ref):
        return
    named = {column.casefold() for column in query.columns}
    for column in table.columns:
        filled = (
            column.default is not None
            or column.generated is not None
            or column.auto_increment
            or column.identity
        )
        if column.nullable is not False or filled or column.name.casefold() in named:
            continue
        kind = "" if column.type is None else column.type.name
        if (subject.family == SQLITE and column.primary and kind == "INTEGER") or kind in (
            "TIMESTAMP",
            "ENUM",
        ):
            continue  # the server fills these by itself
        yield Note("INSERT_MISSING_COLUMN", query.at, column.name, params={"table": table.ref.name})


RULE = Rule(
    id="CHG033",
    code="INSERT_MISSING_COLUMN",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    title=Text(
        zh="插入缺少必填列",
        en="INSERT without a column that needs a value",
    ),
    message=Text(
        zh="列 {detail} 不允许为空且没有默认值，插入 {table} 时必须给出，否则语句会失败。",
        en=(
            "Column {detail} of {table} allows no NULL and has no default; without a value the statement "
            "fails. Add it."
        ),
    ),
    why=Text(
        zh="数据库会拒绝缺少必填列的插入；非严格模式下会悄悄写入 0 或空串。",
        en="The server refuses the row; in a lax mode it silently stores 0 or an empty string.",
    ),
    fails=(
        Example(
            "INSERT INTO t (id, c) VALUES (1, 2)",
            setup="CREATE TABLE t (id INT NOT NULL, a INT NOT NULL, b INT NOT NULL DEFAULT 0, c INT)",
        ),
    ),
    passes=(
        Example(
            "INSERT INTO t (id, a) VALUES (1, 2)",
            setup="CREATE TABLE t (id INT NOT NULL, a INT NOT NULL, b INT NOT NULL DEFAULT 0, c INT)",
        ),
        Example("INSERT INTO t (id, c) VALUES (1, 2)"),
        Example(
            "INSERT INTO t VALUES (1, 2, 3, 4)",
            setup="CREATE TABLE t (id INT NOT NULL, a INT NOT NULL, b INT NOT NULL DEFAULT 0, c INT)",
        ),
    ),
)
