"""INSERT_COLUMNS: columns that every INSERT must fill. Carries over CloudDM's insert_001."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked, written_columns
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    if not options.flag("require"):
        return
    columns = written_columns(subject)
    if columns is None:
        return
    named = {column.casefold() for column in columns}
    missing = [column for column in options.words("columns") if column.casefold() not in named]
    if missing:
        yield Note("INSERT_COLUMNS", query.at, ", ".join(missing))


RULE = Rule(
    id="CHG011",
    code="INSERT_COLUMNS",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    enabled=False,
    parameters=(
        Parameter(
            "require",
            True,
            Text(
                zh="要求写入",
                en="Required",
            ),
        ),
        Parameter(
            "columns",
            ("id", "create_gmt", "modify_gmt"),
            Text(
                zh="必须写入的列",
                en="Columns that must be filled",
            ),
        ),
    ),
    title=Text(
        zh="插入必须包含的列",
        en="Columns that every INSERT fills",
    ),
    message=Text(
        zh="INSERT 缺少必须写入的列 {detail}，请补上。",
        en="The INSERT doesn't fill {detail}. Add it.",
    ),
    why=Text(
        zh="约定的列（主键、创建时间、修改时间）没有写入，会影响同步、归档和排查。",
        en=(
            "Where agreed columns (key, times of creation and change) stay empty, replication, archives "
            "and inquiries suffer."
        ),
    ),
    fails=(Example("INSERT INTO t (id, a) VALUES (1, 2)"),),
    passes=(
        Example(
            "INSERT INTO t (id, create_gmt, modify_gmt, a) VALUES (1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 2)"
        ),
        Example("INSERT INTO t (a) VALUES (2)", options={"require": False}),
        Example("INSERT INTO t (a) VALUES (2)", options={"columns": ("a",)}),
    ),
)
