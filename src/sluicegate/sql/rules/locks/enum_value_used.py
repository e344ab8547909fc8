"""ENUM_VALUE_USED: a value that the script itself added to an enum is used before the addition is committed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity, StatementKind
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import AlterType

_DATA = (StatementKind.DML, StatementKind.QUERY)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    values = subject.script.enum_values
    if not values:
        return
    if subject.facts.kind not in _DATA and isinstance(subject.structure, AlterType):
        return
    text = subject.text
    for value in values:
        written = re.escape(value.replace("'", "''"))
        found = re.search(rf"['$]{written}['$]", text)
        if found is not None:
            yield Note("ENUM_VALUE_USED", subject.piece.start + found.start(), value)


RULE = Rule(
    id="PGL056",
    code="ENUM_VALUE_USED",
    severity=Severity.WARNING,
    check=check,
    by_script=True,
    families=frozenset({POSTGRESQL}),
    title=Text(zh="使用了刚新增的枚举值", en="New enum value used at once"),
    message=Text(
        zh="枚举值 {detail} 是本脚本刚刚新增的；在同一事务里使用会报错 unsafe use of new value。请把新增枚举值放在单独的工单里先执行。",
        en="Value {detail} was added by this very script; used in the same transaction it fails with “unsafe use of new value”. Add the value in a ticket of its own, executed first.",
    ),
    why=Text(
        zh="新增的枚举值要等事务提交后才能使用；除非类型也是在同一事务里创建的。",
        en="A value added to an enum can be used only once the transaction that added it has committed, unless the type itself was made in it.",
    ),
    fails=(
        Example("ALTER TYPE mood ADD VALUE 'bored'; UPDATE people SET mood = 'bored' WHERE id = 1"),
        Example("ALTER TYPE mood ADD VALUE 'bored'; ALTER TABLE t ADD COLUMN m mood DEFAULT 'bored'"),
        Example("ALTER TYPE mood ADD VALUE 'a''b'; SELECT 'a''b'::mood"),
    ),
    passes=(
        Example("ALTER TYPE mood ADD VALUE 'bored'; UPDATE people SET mood = 'sad' WHERE id = 1"),
        Example("ALTER TYPE mood ADD VALUE 'bored'; ALTER TYPE mood ADD VALUE 'tired' AFTER 'bored'"),
        Example("CREATE TYPE mood AS ENUM ('sad'); ALTER TYPE mood ADD VALUE 'bored'; SELECT 'bored'::mood"),
    ),
)
