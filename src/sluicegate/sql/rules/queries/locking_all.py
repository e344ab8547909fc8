"""LOCKING_NO_WHERE: SELECT … FOR UPDATE of a whole table."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import queried
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    main = queried(subject)
    if main is None:
        return

    if main.locking and main.tables and not main.where:
        yield Note("LOCKING_NO_WHERE", main.at, main.tables[0].ref.name)


RULE = Rule(
    id="QRY042",
    code="LOCKING_NO_WHERE",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(Query,),
    verbs=frozenset({"SELECT"}),
    title=Text(
        zh="加锁查询没有条件",
        en="Locking query without WHERE",
    ),
    message=Text(
        zh="对 {detail} 的加锁查询没有 WHERE，会锁住全部行，请加上条件。",
        en="The locking query of {detail} has no WHERE and locks all rows. Add a condition.",
    ),
    why=Text(
        zh="其他人的修改都要等到事务结束。",
        en="Everybody else's changes wait until the transaction ends.",
    ),
    fails=(
        Example("SELECT a FROM t FOR UPDATE"),
        Example("SELECT a FROM t LOCK IN SHARE MODE", families=("mysql",)),
    ),
    passes=(
        Example("SELECT a FROM t WHERE id = 1 FOR UPDATE"),
        Example("SELECT a FROM t"),
    ),
)
