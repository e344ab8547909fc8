"""TABLE_COLUMNS_MANY: how many columns a table may have.

Carries over CloudDM's table_002.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN
from sluicegate.sql.rules.outcome import after
from sluicegate.sql.structure.definitions import AddColumn, AlterTable


def check(subject: Subject, options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, AlterTable) and not any(
        isinstance(action, AddColumn) for action in structure.actions
    ):
        return
    table = after(subject)
    count = 0 if table is None else len(table.columns)
    if table is not None and count > options.number("max"):
        yield Note("TABLE_COLUMNS_MANY", -1, table.ref.name, params={"actual": count})


RULE = Rule(
    id="TAB003",
    code="TABLE_COLUMNS_MANY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(Parameter("max", 50, Text(zh="最多列数", en="Most columns"), minimum=1),),
    title=Text(zh="列过多", en="Too many columns"),
    message=Text(
        zh="表 {detail} 会有 {actual} 列，超过规定的 {max} 列。请拆分不常用的列。",
        en="Table {detail} would have {actual} columns, more than the {max} that are agreed. Move those seldom used into a table of their own.",
    ),
    why=Text(
        zh="列过多说明一张表承担了几件事，每次读写的行都很大，缓存效率低，加列也更频繁。",
        en="So many columns mean that the table does several things: rows are large, caches hold fewer of them, and columns are added ever more often.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT, b INT, c INT)", options={"max": 2}),
        Example("ALTER TABLE t ADD COLUMN c INT", setup="CREATE TABLE t (a INT, b INT)", options={"max": 2}),
        Example(
            "CREATE TABLE t (c0 INT, c1 INT, c2 INT, c3 INT, c4 INT, c5 INT, c6 INT, c7 INT, c8 INT, c9 INT, c10 INT, c11 INT, c12 INT, c13 INT, c14 INT, c15 INT, c16 INT, c17 INT, c18 INT, c19 INT, c20 INT, c21 INT, c22 INT, c23 INT, c24 INT, c25 INT, c26 INT, c27 INT, c28 INT, c29 INT, c30 INT, c31 INT, c32 INT, c33 INT, c34 INT, c35 INT, c36 INT, c37 INT, c38 INT, c39 INT, c40 INT, c41 INT, c42 INT, c43 INT, c44 INT, c45 INT, c46 INT, c47 INT, c48 INT, c49 INT, c50 INT)"
        ),
    ),
    passes=(
        Example("CREATE TABLE t (a INT, b INT)", options={"max": 2}),
        Example("ALTER TABLE t ADD COLUMN c INT", options={"max": 1}),
        Example(
            "ALTER TABLE t DROP COLUMN b", setup="CREATE TABLE t (a INT, b INT, c INT)", options={"max": 1}
        ),
    ),
)
