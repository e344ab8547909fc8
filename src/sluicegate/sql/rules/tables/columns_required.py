"""TABLE_COLUMNS_REQUIRED: columns that every table has.

Carries over CloudDM's table_010.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, options: Options) -> Iterator[Note]:
    structure = subject.structure
    table = whole(structure)
    if table is None or not isinstance(structure, CreateTable) or structure.temporary:
        return
    missing = [name for name in options.words("columns") if table.column(name) is None]
    if missing:
        yield Note("TABLE_COLUMNS_REQUIRED", structure.at, ", ".join(missing))


RULE = Rule(
    id="TAB008",
    code="TABLE_COLUMNS_REQUIRED",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(CreateTable,),
    enabled=False,
    parameters=(
        Parameter(
            "columns",
            (
                "id",
                "create_gmt",
                "modify_gmt",
            ),
            Text(zh="必须包含的列", en="Columns that must be there"),
        ),
    ),
    title=Text(zh="建表必须包含的列", en="Columns that every table has"),
    message=Text(
        zh="建表语句缺少规定的列：{detail}。请补上。",
        en="The table lacks columns that every table must have: {detail}. Add them.",
    ),
    why=Text(
        zh="统一的主键和创建、修改时间列便于排查问题、增量同步和归档。",
        en="A common key and the times of creation and change help with finding faults, synchronising and archiving.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT)"),
        Example("CREATE TABLE t (a INT)", options={"columns": ("b",)}),
    ),
    passes=(
        Example("CREATE TABLE t (ID INT, create_gmt DATE, modify_gmt DATE)"),
        Example("CREATE TABLE t AS SELECT 1 AS a"),
        Example("CREATE TEMPORARY TABLE t (a INT)"),
    ),
)
