"""LIKE_NO_WILDCARD: a pattern that matches only itself."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, conditions, name
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import OperandKind, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for found in conditions(query):
        if found.operator not in ("LIKE", "ILIKE") or found.other is not OperandKind.STRING:
            continue
        if found.column is not None and not ("%" in found.value or "_" in found.value):
            yield Note("LIKE_NO_WILDCARD", found.at, name(found.column))


RULE = Rule(
    id="QRY012",
    code="LIKE_NO_WILDCARD",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    reads_literals=True,
    title=Text(
        zh="LIKE 中没有通配符",
        en="LIKE without a wildcard",
    ),
    message=Text(
        zh="列 {detail} 的 LIKE 中没有通配符，请改用等号，或补上漏写的 %。",
        en="The LIKE pattern of {detail} has no wildcard. Write =, or add the % that is missing.",
    ),
    why=Text(
        zh="没有通配符的 LIKE 等同于等值比较，往往是漏写了 %，结果会少。",
        en="Without a wildcard LIKE is an equality; usually a % was forgotten, so that rows are missed.",
    ),
    fails=(Example("SELECT a FROM t WHERE b LIKE 'x'"),),
    passes=(
        Example("SELECT a FROM t WHERE b LIKE 'x%'"),
        Example("SELECT a FROM t WHERE b LIKE c"),
        Example("SELECT a FROM t WHERE b LIKE 'x_y'"),
    ),
)
