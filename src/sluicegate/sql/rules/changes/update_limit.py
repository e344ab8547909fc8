"""UPDATE_NO_LIMIT: a policy wants a bound on the rows. Carries over CloudDM's update_007."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "UPDATE":
        return

    if query.limit is None and len(query.target_uses) == 1:
        yield Note("UPDATE_NO_LIMIT", query.at, query.targets[0].name if query.targets else "")


RULE = Rule(
    id="CHG009",
    code="UPDATE_NO_LIMIT",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=(Query,),
    verbs=frozenset({"UPDATE"}),
    enabled=False,
    title=Text(
        zh="UPDATE 须带 LIMIT",
        en="UPDATE needs a LIMIT",
    ),
    message=Text(
        zh="对 {detail} 的更新没有 LIMIT，请按约定限制行数。",
        en="The UPDATE of {detail} has no LIMIT. Bound the number of rows.",
    ),
    why=Text(
        zh="限制行数可以避免条件写错时波及过多数据，也能缩短锁的时间。",
        en="A bound keeps a wrong condition from reaching too much, and locks short.",
    ),
    fails=(Example("UPDATE t SET a = 1 WHERE b = 2"),),
    passes=(Example("UPDATE t SET a = 1 WHERE b = 2 LIMIT 10"),),
)
