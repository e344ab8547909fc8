"""NEGATED_CONDITION: what isn't so is rarely found by an index."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, conditions, name
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Place, Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for found in conditions(query):
        if not found.negated or found.column is None or found.place is not Place.WHERE:
            continue
        if found.operator in ("=", "<>", "!=", "IN", "LIKE", "ILIKE", "BETWEEN"):
            yield Note("NEGATED_CONDITION", found.at, name(found.column))


RULE = Rule(
    id="QRY025",
    code="NEGATED_CONDITION",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    enabled=False,
    title=Text(
        zh="否定条件",
        en="Negated condition",
    ),
    message=Text(
        zh="列 {detail} 使用了否定条件（!=、NOT IN、NOT LIKE），通常用不上索引，请尽量改为肯定的条件。",
        en=(
            "The condition on {detail} is negated (<>, NOT IN, NOT LIKE); indexes rarely help. Say what "
            "is wanted instead."
        ),
    ),
    why=Text(
        zh="否定条件要排除少量值而读取其余全部数据，索引帮不上忙。",
        en="A negation leaves out a few values and reads all the rest, which no index makes quicker.",
    ),
    fails=(
        Example("SELECT a FROM t WHERE b <> 1"),
        Example("SELECT a FROM t WHERE b NOT IN (1, 2)"),
    ),
    passes=(
        Example("SELECT a FROM t WHERE b = 1"),
        Example("SELECT a FROM t WHERE b IS NOT NULL"),
    ),
)
