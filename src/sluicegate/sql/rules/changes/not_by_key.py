"""CHANGE_BY_NON_KEY: a condition that doesn't name rows by a key, where a team wants that."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import CHANGES, OWN, asked, by_key, conditions, target
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in CHANGES:
        return

    table = target(subject)
    if table is None or not query.where or not any(index.unique for index in table.indexes):
        return
    if not by_key(table, conditions(query, OWN)):
        yield Note("CHANGE_BY_NON_KEY", query.at, table.ref.name)


RULE = Rule(
    id="CHG043",
    code="CHANGE_BY_NON_KEY",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=CHANGES,
    enabled=False,
    title=Text(
        zh="未按主键或唯一键修改",
        en="Change without a key",
    ),
    message=Text(
        zh="对 {detail} 的修改没有按主键或唯一键限定行，请先查出主键再修改。",
        en="The change of {detail} names no rows by a primary or unique key. Look up the keys first.",
    ),
    why=Text(
        zh="按键修改时影响的行数一目了然，也只锁住这些行。",
        en="By key everybody sees how many rows are meant, and only those are locked.",
    ),
    fails=(
        Example(
            "UPDATE t SET a = 1 WHERE b = 2",
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
        Example(
            "DELETE FROM t WHERE id = 1 OR a = 2",
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
    ),
    passes=(
        Example(
            "UPDATE t SET a = 1 WHERE id = 2",
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
        Example(
            "DELETE FROM t WHERE id IN (1, 2)",
            setup="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, a INT, b INT)",
        ),
        Example("DELETE FROM t WHERE b = 1"),
    ),
)
