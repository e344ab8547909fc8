"""TABLE_NAME_LEFTOVER: tables that look like somebody's leftovers."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.names import TABLE, names
from sluicegate.sql.structure.definitions import AlterTable, CreateTable, RenameTable


def check(subject: Subject, options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateTable) and structure.temporary:
        return
    for named in names(subject, TABLE):
        if any(fnmatchcase(named.name.lower(), pattern) for pattern in options.words("patterns")):
            yield Note("TABLE_NAME_LEFTOVER", named.at, named.name)


RULE = Rule(
    id="NAM018",
    code="TABLE_NAME_LEFTOVER",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(CreateTable, AlterTable, RenameTable),
    enabled=False,
    parameters=(
        Parameter(
            "patterns",
            (
                "tmp_*",
                "temp_*",
                "test_*",
                "bak_*",
                "*_tmp",
                "*_temp",
                "*_test",
                "*_bak",
                "*_backup",
                "*_copy",
                "*_old",
            ),
            Text(zh="视为临时或备份表的名称模式", en="Patterns of names that look like leftovers"),
        ),
    ),
    title=Text(zh="疑似临时或备份表", en="Table that looks like a leftover"),
    message=Text(
        zh="表名 {detail} 像是临时表或备份表。请确认它应当留在这个库里，并约定何时清理。",
        en="The table name {detail} looks like something temporary. Make sure it belongs here, and say when it goes.",
    ),
    why=Text(
        zh="临时表、备份表往往无人清理，占用空间，还可能留下未受保护的数据副本。",
        en="Nobody cleans such tables up: they take space and hold copies of data that nobody guards.",
    ),
    fails=(
        Example("CREATE TABLE orders_bak (id INT)"),
        Example("CREATE TABLE tmp_x (id INT)"),
        Example("ALTER TABLE orders RENAME TO orders_old"),
    ),
    passes=(
        Example("CREATE TABLE orders (id INT)"),
        Example("CREATE TEMPORARY TABLE tmp_x (id INT)"),
        Example("CREATE TABLE orders_bak (id INT)", options={"patterns": ("zzz_*",)}),
    ),
)
