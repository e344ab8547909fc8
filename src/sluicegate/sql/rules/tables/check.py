"""CHECK_USED: CHECK constraints that a team doesn't want."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, actions
from sluicegate.sql.structure.definitions import AddCheck, CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    checks = list(structure.table.checks) if isinstance(structure, CreateTable) else []
    checks += [action.check for action in actions(subject) if isinstance(action, AddCheck)]
    for check_ in checks:
        yield Note("CHECK_USED", check_.at, check_.text[:60])


RULE = Rule(
    id="TAB023",
    code="CHECK_USED",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="使用 CHECK 约束", en="CHECK constraint"),
    message=Text(
        zh="定义了 CHECK 约束 {detail}，本策略不允许。请由程序校验。",
        en="Defines the CHECK constraint {detail}, which this policy doesn't allow. Let the program check values.",
    ),
    why=Text(
        zh="MySQL 8.0.16 之前会忽略 CHECK；业务规则变化时改约束需要锁表。是否使用由策略决定。",
        en="MySQL before 8.0.16 ignores CHECKs, and changing one locks the table. The policy decides.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT CHECK (a > 0))"),
        Example("CREATE TABLE t (a INT, CHECK (a > 0))"),
        Example(
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
    ),
    passes=(Example("CREATE TABLE t (a INT)"),),
)
