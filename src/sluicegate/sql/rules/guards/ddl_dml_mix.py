"""DDL_DML_MIX: definitions and data changes in one script, where definitions commit.

What was changed before the definition can't be rolled back any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity, StatementKind
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    if subject.territory.transactional_ddl:
        return
    kind, script = subject.facts.kind, subject.script
    if (kind is StatementKind.DDL and script.changed_data and not subject.facts.transactional) or (
        kind is StatementKind.DML and script.changed_structure
    ):
        yield Note("DDL_DML_MIX", -1, subject.facts.operation)


RULE = Rule(
    id="TXN002",
    code="DDL_DML_MIX",
    severity=Severity.WARNING,
    check=check,
    everywhere=True,
    by_script=True,
    families=frozenset({MYSQL}),
    title=Text(zh="结构语句与数据语句混用", en="Definitions mixed with data changes"),
    message=Text(
        zh="结构语句与数据语句混在一起：结构语句会提交之前的数据变更，之后无法回滚（{detail}）。请分成两个工单。",
        en="Definitions and data changes in one script: a definition commits the changes before it, which can't be rolled back then ({detail}). File two tickets.",
    ),
    why=Text(
        zh="在结构语句会隐式提交的数据库上，它之前的数据变更从此不能回滚，中途失败会留下一半结果。",
        en="Where definitions commit by themselves, the data changes before them can't be rolled back any more, and a failure leaves half of the script.",
    ),
    fails=(Example("UPDATE orders SET total = 1 WHERE id = 1;\nALTER TABLE orders ADD COLUMN note INT"),),
    passes=(
        Example("UPDATE orders SET total = 1 WHERE id = 1;\nUPDATE orders SET total = 2 WHERE id = 2"),
        Example("ALTER TABLE orders ADD COLUMN note INT"),
    ),
)
