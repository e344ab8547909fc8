"""PREAPPROVAL_EXEC: text that would run if an analysis put EXPLAIN before it.

The readers note texts that are no statement but become one behind EXPLAIN. A script that begins with
a query and goes on with a change is the other form; it is cut into statements here, so this only
tells.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity, StatementKind
from sluicegate.sql.rules.base import Example, Options, Rule, Subject, Text


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    if subject.script.first_kind is StatementKind.QUERY and subject.facts.kind is not StatementKind.QUERY:
        yield Note("PREAPPROVAL_EXEC", -1, subject.facts.operation, Severity.INFO)


RULE = Rule(
    id="SEC004",
    code="PREAPPROVAL_EXEC",
    severity=Severity.BLOCK,
    check=check,
    everywhere=True,
    by_script=True,
    title=Text(zh="加上 EXPLAIN 后会被执行", en="Run by an EXPLAIN put before it"),
    message=Text(
        zh="在分析前加上 EXPLAIN 会使 {detail} 在审批前就被执行；这里按单条语句分析，不会执行。",
        en="With EXPLAIN put before the text, {detail} would run before approval; it is analysed statement by statement here and not run.",
    ),
    why=Text(
        zh="有的审核工具直接在文本前面加 EXPLAIN 交给数据库，后面的语句就会在审批前执行。这里逐条分析，从不这样做，但仍会指出。",
        en="Some tools put EXPLAIN before the text and send it, so that what follows runs before approval. Here statements are analysed one by one; such a text is still pointed out.",
    ),
    fails=(Example("SELECT 1;\nDELETE FROM orders WHERE id = 1"),),
    passes=(Example("DELETE FROM orders WHERE id = 1"),),
)
