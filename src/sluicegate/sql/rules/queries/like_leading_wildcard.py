"""LIKE_LEADING_WILDCARD: a pattern that no index helps with."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, conditions, name
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for found in conditions(query):
        leads = found.value[:1] in ("%", "_") and found.value.strip("%")
        if found.operator in ("LIKE", "ILIKE") and found.column is not None and leads:
            yield Note("LIKE_LEADING_WILDCARD", found.at, name(found.column))


RULE = Rule(
    id="QRY011",
    code="LIKE_LEADING_WILDCARD",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    reads_literals=True,
    title=Text(
        zh="LIKE 以通配符开头",
        en="LIKE that begins with a wildcard",
    ),
    message=Text(
        zh="列 {detail} 的 LIKE 以通配符开头，无法使用索引，请改为前缀匹配或使用全文检索。",
        en=(
            "The LIKE pattern of {detail} begins with a wildcard, so no index helps. Match by prefix, or "
            "use full-text search."
        ),
    ),
    why=Text(
        zh="B 树索引只能按前缀查找，以 % 或 _ 开头的模式要逐行比较整张表。",
        en="Indexes find by prefix; a pattern that begins with % or _ is compared with every row.",
    ),
    fails=(
        Example("SELECT a FROM t WHERE b LIKE '%x'"),
        Example("DELETE FROM t WHERE b NOT LIKE '_x%'"),
    ),
    passes=(
        Example("SELECT a FROM t WHERE b LIKE 'x%'"),
        Example("SELECT a FROM t WHERE b = '%x'"),
    ),
)
