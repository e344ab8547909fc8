"""INSERT_FROM_ITSELF: a table grows by its own rows."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Place, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    for written in query.targets:
        for select in query.selects:
            for use in select.tables:
                if (
                    select.place is not Place.INSERT
                    or use.cte
                    or use.ref.name.casefold() != written.name.casefold()
                ):
                    continue
                if (use.ref.schema, use.ref.database) == (written.schema, written.database):
                    yield Note("INSERT_FROM_ITSELF", use.at, written.name)
                    return


RULE = Rule(
    id="CHG038",
    code="INSERT_FROM_ITSELF",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    needs=("selects",),
    title=Text(
        zh="从表自身复制数据",
        en="INSERT … SELECT from the same table",
    ),
    message=Text(
        zh="向 {detail} 插入的数据取自它自身，执行两次数据就会翻倍，请确认条件。",
        en="The rows for {detail} come from {detail} itself; run twice, they double. Check the condition.",
    ),
    why=Text(
        zh="这类语句不可重复执行，并且会锁住读取的范围。",
        en="Such a statement can't be repeated safely, and it locks what it reads.",
    ),
    fails=(Example("INSERT INTO t (a) SELECT a FROM t WHERE b = 1"),),
    passes=(Example("INSERT INTO t (a) SELECT a FROM u WHERE b = 1"),),
)
