"""EQUALS_NULL: a comparison that is never true."""

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
        if found.other is OperandKind.NULL and found.operator in ("=", "<>", "!=", "<", ">", "<=", ">="):
            yield Note("EQUALS_NULL", found.at, "" if found.column is None else name(found.column))


RULE = Rule(
    id="QRY020",
    code="EQUALS_NULL",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    title=Text(
        zh="与 NULL 用等号比较",
        en="Comparison with NULL",
    ),
    message=Text(
        zh="{detail} 与 NULL 用等号比较永远不成立，请改为 IS NULL 或 IS NOT NULL。",
        en="Comparing {detail} with NULL is never true. Write IS NULL or IS NOT NULL.",
    ),
    why=Text(
        zh="与 NULL 的任何比较结果都是未知，条件永远不满足，语句不会影响任何行。",
        en="Any comparison with NULL is unknown, so that no row ever qualifies.",
    ),
    fails=(
        Example("SELECT a FROM t WHERE b = NULL"),
        Example("UPDATE t SET a = 1 WHERE b <> NULL"),
    ),
    passes=(
        Example("SELECT a FROM t WHERE b IS NULL"),
        Example("UPDATE t SET a = NULL WHERE b IS NOT NULL"),
    ),
)
