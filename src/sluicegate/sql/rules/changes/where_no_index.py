"""WHERE_NO_INDEX: the whole table is searched, and perhaps locked, for the rows to change."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import CHANGES, OWN, asked, conditions, leads_index, target
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Place, Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in CHANGES:
        return

    if not query.where or len(query.target_uses) != 1:
        return
    table = target(subject)
    if table is None or table.view or (table.rows is not None and table.rows < options.number("rows")):
        return
    found = [one for one in conditions(query, OWN) if one.column is not None and one.place is Place.WHERE]
    if not found or any(one.column is not None and leads_index(table, one.column.name) for one in found):
        return
    if any(part.column == "" for index in table.indexes for part in index.parts):
        return  # an index of an expression may help
    columns = ", ".join(dict.fromkeys(one.column.name for one in found if one.column is not None))
    severity = Severity.WARNING if table.rows is not None else Severity.INFO
    yield Note("WHERE_NO_INDEX", query.at, columns, severity, {"table": table.ref.name})


RULE = Rule(
    id="CHG032",
    code="WHERE_NO_INDEX",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=CHANGES,
    parameters=(
        Parameter(
            "rows",
            10000,
            Text(
                zh="行数少于此值的表不检查",
                en="Tables with fewer rows are left alone",
            ),
            minimum=0,
        ),
    ),
    title=Text(
        zh="修改或删除的条件没有索引",
        en="Condition without an index",
    ),
    message=Text(
        zh="修改 {table} 的条件（{detail}）没有一列有索引，会扫描并可能锁住整张表，请按主键分批修改。",
        en=(
            "No column of the condition ({detail}) has an index: all of {table} is read and perhaps "
            "locked. Change rows by key, in batches."
        ),
    ),
    why=Text(
        zh="MySQL 会给扫描到的每一行加锁，其他事务都要等待；任何数据库都要读完整张表。",
        en=(
            "MySQL locks every row that it reads, so that everybody waits; any server has to read the "
            "whole table."
        ),
    ),
    fails=(
        Example(
            "DELETE FROM t WHERE a = 1",
            options={"rows": 0},
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
        Example(
            "UPDATE t SET b = 1 WHERE a > 1 AND b < 2",
            options={"rows": 0},
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
    ),
    passes=(
        Example(
            "DELETE FROM t WHERE id = 1",
            options={"rows": 0},
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
        Example(
            "DELETE FROM t WHERE code = 'x' AND a = 1",
            options={"rows": 0},
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
        Example("DELETE FROM t WHERE a = 1"),
    ),
)
