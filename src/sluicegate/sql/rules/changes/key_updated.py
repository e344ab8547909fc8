"""PRIMARY_KEY_UPDATED: a row gets another identity."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, target
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "UPDATE":
        return

    table = target(subject)
    if table is None or table.primary_key is None:
        return
    keys = {column.casefold() for column in table.primary_key.columns}
    for assignment in query.assignments:
        same = (
            assignment.other is not None
            and assignment.other.name.casefold() == assignment.column.name.casefold()
        )
        if assignment.column.name.casefold() in keys and not same:
            yield Note("PRIMARY_KEY_UPDATED", assignment.at, assignment.column.name)


RULE = Rule(
    id="CHG029",
    code="PRIMARY_KEY_UPDATED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"UPDATE"}),
    needs=("assignments",),
    title=Text(
        zh="更新主键",
        en="Update of a primary key",
    ),
    message=Text(
        zh="更新了主键列 {detail}，引用它的数据会对不上，请确认，最好改为新增一行。",
        en=(
            "Primary key column {detail} is changed; data that refers to it no longer matches. Better "
            "insert a new row."
        ),
    ),
    why=Text(
        zh="主键是一行数据的身份，改动会牵连外键、缓存和下游系统，整行还要在索引中搬移。",
        en=(
            "The key is the row's identity: foreign keys, caches and other systems hold it, and the "
            "whole row moves in the index."
        ),
    ),
    fails=(
        Example(
            "UPDATE t SET id = 5 WHERE id = 1",
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
    ),
    passes=(
        Example(
            "UPDATE t SET a = 5 WHERE id = 1",
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
        Example("UPDATE t SET id = 5 WHERE id = 1"),
    ),
)
