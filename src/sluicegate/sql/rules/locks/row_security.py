"""ROW_SECURITY_CHANGED: who sees which rows changes at once."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import existing
from sluicegate.sql.structure.definitions import AlterTable, SetOption


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None or not existing(subject, table):
        return
    for action in actions(subject):
        if isinstance(action, SetOption) and action.name == "ROW SECURITY":
            yield Note("ROW_SECURITY_CHANGED", action.at, action.value, params={"table": table.name})


RULE = Rule(
    id="PGL039",
    code="ROW_SECURITY_CHANGED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="修改行级安全", en="Row security changed"),
    message=Text(
        zh="表 {table} 的行级安全被修改（{detail}）：启用而没有策略时普通用户一行也看不到，停用后则全部可见。请与策略一起审核。",
        en="Row security of {table} is changed ({detail}): enabled without a policy ordinary users see no row, disabled they see all. Review it together with the policies.",
    ),
    why=Text(
        zh="行级安全决定谁能看到哪些数据，立即对所有会话生效。",
        en="It decides who sees which data, and holds for all sessions at once.",
    ),
    fails=(
        Example("ALTER TABLE t DISABLE ROW LEVEL SECURITY"),
        Example("ALTER TABLE t ENABLE ROW LEVEL SECURITY"),
    ),
    passes=(Example("ALTER TABLE t ADD COLUMN x int"),),
)
