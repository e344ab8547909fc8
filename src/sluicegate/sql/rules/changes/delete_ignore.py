"""DELETE_IGNORE: errors become warnings. Carries over CloudDM's delete_005."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb != "DELETE":
        return

    if query.ignore and not options.flag("allow"):
        yield Note("DELETE_IGNORE", query.at, query.targets[0].name if query.targets else "")


RULE = Rule(
    id="CHG007",
    code="DELETE_IGNORE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(Query,),
    verbs=frozenset({"DELETE"}),
    parameters=(
        Parameter(
            "allow",
            False,
            Text(
                zh="允许 IGNORE",
                en="IGNORE is allowed",
            ),
        ),
    ),
    title=Text(
        zh="DELETE IGNORE",
        en="DELETE IGNORE",
    ),
    message=Text(
        zh="DELETE IGNORE 会把错误变成警告，出错的行被悄悄跳过或改成别的值，请去掉 IGNORE。",
        en=(
            "DELETE IGNORE turns errors into warnings: rows are skipped or changed silently. Leave "
            "IGNORE out."
        ),
    ),
    why=Text(
        zh="键冲突、外键、超长等错误都不再报告，删除结果与预期不符也无人知道。",
        en=(
            "Duplicate keys, foreign keys and values that don't fit are no longer reported, so that "
            "nobody learns what didn't happen."
        ),
    ),
    fails=(Example("DELETE IGNORE FROM t WHERE b = 2"),),
    passes=(
        Example("DELETE FROM t WHERE b = 2"),
        Example("DELETE IGNORE FROM t WHERE b = 2", options={"allow": True}),
    ),
)
