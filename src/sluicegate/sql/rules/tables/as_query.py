"""TABLE_AS_QUERY: CREATE TABLE … AS SELECT copies rows, but neither keys nor defaults."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateTable) and structure.as_query and not structure.temporary:
        yield Note("TABLE_AS_QUERY", structure.at, structure.table.ref.name)


RULE = Rule(
    id="TAB015",
    code="TABLE_AS_QUERY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(CreateTable,),
    title=Text(zh="用查询建表", en="Table made of a query"),
    message=Text(
        zh="表 {detail} 由查询生成，不会带上主键、索引、默认值和注释。建议先明确建表，再用 INSERT … SELECT 写入。",
        en="Table {detail} is made of a query: it gets no keys, no indexes, no defaults. Rather define it first, and fill it by INSERT … SELECT.",
    ),
    why=Text(
        zh="列类型由查询推断，约束全部丢失；建表与写入在同一条语句里，期间会锁住来源的行，失败时也难以重来。",
        en="Types are guessed and constraints lost; making and filling in one statement locks the rows read and is hard to repeat.",
    ),
    fails=(
        Example("CREATE TABLE t AS SELECT 1 AS a"),
        Example("CREATE TABLE t AS SELECT * FROM o"),
    ),
    passes=(
        Example("CREATE TABLE t (a INT)"),
        Example("CREATE TEMPORARY TABLE t AS SELECT 1 AS a"),
    ),
)
