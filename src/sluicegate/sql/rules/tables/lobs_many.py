"""TABLE_LOBS_MANY: how many TEXT and BLOB columns a table may have."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.outcome import after
from sluicegate.sql.rules.types import is_lob


def check(subject: Subject, options: Options) -> Iterator[Note]:
    table = after(subject)
    if table is None or not any(
        column.type is not None and is_lob(column.type) for column in columns(subject)
    ):
        return
    found = [column.name for column in table.columns if column.type is not None and is_lob(column.type)]
    if len(found) > options.number("max"):
        yield Note("TABLE_LOBS_MANY", -1, ", ".join(found))


RULE = Rule(
    id="TAB019",
    code="TABLE_LOBS_MANY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter("max", 3, Text(zh="最多 TEXT、BLOB 列数", en="Most TEXT and BLOB columns"), minimum=0),
    ),
    title=Text(zh="大字段过多", en="Too many TEXT and BLOB columns"),
    message=Text(
        zh="表中有超过 {max} 个 TEXT 或 BLOB 列：{detail}。请把它们拆到单独的表，或存到对象存储。",
        en="The table has more than {max} TEXT or BLOB columns: {detail}. Move them into a table of their own or to where files are kept.",
    ),
    why=Text(
        zh="大字段使备份、复制和查询都变慢，一次 SELECT * 就可能读出大量无用数据。",
        en="Such columns slow down backups, replication and queries: one SELECT * may read heaps of data that nobody needs.",
    ),
    fails=(
        Example("CREATE TABLE t (a TEXT, b TEXT, c TEXT, d TEXT)"),
        Example("ALTER TABLE t ADD COLUMN b TEXT", setup="CREATE TABLE t (a TEXT)", options={"max": 1}),
    ),
    passes=(
        Example("CREATE TABLE t (a TEXT, b INT)"),
        Example(
            "ALTER TABLE t ADD COLUMN b INT", setup="CREATE TABLE t (a TEXT, c TEXT)", options={"max": 1}
        ),
    ),
)
