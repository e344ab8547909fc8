"""UPDATE_TABLES: an UPDATE that names several tables. Carries over CloudDM's update_005."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "UPDATE":
        return

    if not options.flag("allow") and len(query.target_uses) > 1:
        yield Note("UPDATE_TABLES", query.at, ", ".join(use.ref.name for use in query.target_uses))


RULE = Rule(
    id="CHG004",
    code="UPDATE_TABLES",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=frozenset({"UPDATE"}),
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            False,
            Text(
                zh="允许多表更新",
                en="Several tables are allowed",
            ),
        ),
    ),
    title=Text(
        zh="多表更新",
        en="UPDATE of several tables",
    ),
    message=Text(
        zh="UPDATE 涉及多张表（{detail}），请拆成单表更新。",
        en="The UPDATE names several tables ({detail}). Change one table at a time.",
    ),
    why=Text(
        zh="多表更新影响哪些行难以预估，锁住的范围大，也无法自动生成撤销脚本。",
        en="Which rows it reaches is hard to foresee, it locks much, and no undo can be made for it.",
    ),
    fails=(
        Example("UPDATE t JOIN u ON t.i = u.i SET t.a = u.b", families=("mysql",)),
        Example("UPDATE t SET a = u.b FROM u WHERE t.i = u.i", families=("postgresql", "sqlite")),
    ),
    passes=(
        Example("UPDATE t SET a = 1 WHERE i = 2"),
        Example(
            "UPDATE t SET a = u.b FROM u WHERE t.i = u.i",
            families=("postgresql", "sqlite"),
            options={"allow": True},
        ),
    ),
)
