"""DELETE_TABLES: a DELETE that names several tables. Carries over CloudDM's delete_002."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "DELETE":
        return

    if not options.flag("allow") and len(query.target_uses) > 1:
        yield Note("DELETE_TABLES", query.at, ", ".join(use.ref.name for use in query.target_uses))


RULE = Rule(
    id="CHG005",
    code="DELETE_TABLES",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(Query,),
    verbs=frozenset({"DELETE"}),
    enabled=False,
    parameters=(
        Parameter(
            "allow",
            False,
            Text(
                zh="允许多表删除",
                en="Several tables are allowed",
            ),
        ),
    ),
    title=Text(
        zh="多表删除",
        en="DELETE of several tables",
    ),
    message=Text(
        zh="DELETE 涉及多张表（{detail}），请拆成单表删除。",
        en="The DELETE names several tables ({detail}). Delete from one table at a time.",
    ),
    why=Text(
        zh="多表删除影响哪些行难以预估，锁住的范围大，也无法自动生成撤销脚本。",
        en="Which rows it reaches is hard to foresee, it locks much, and no undo can be made for it.",
    ),
    fails=(
        Example("DELETE t FROM t JOIN u ON t.i = u.i", families=("mysql",)),
        Example("DELETE FROM t USING u WHERE t.i = u.i", families=("postgresql",)),
    ),
    passes=(
        Example("DELETE FROM t WHERE i = 2"),
        Example("DELETE t FROM t JOIN u ON t.i = u.i", families=("mysql",), options={"allow": True}),
    ),
)
