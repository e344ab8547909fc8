"""VALIDATED_AT_ONCE: NOT VALID and VALIDATE belong into two transactions."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.locks.size import existing
from sluicegate.sql.structure.definitions import AddCheck, AddForeignKey, AlterTable, ValidateConstraint


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = table_of(subject)
    if table is None or not existing(subject, table):
        return
    found = actions(subject)
    together = subject.script.walk.altered_here(table) or any(_adds_unchecked(action) for action in found)
    for action in found:
        if isinstance(action, ValidateConstraint) and together:
            yield Note("VALIDATED_AT_ONCE", action.at, action.name)


def _adds_unchecked(action: object) -> bool:
    if isinstance(action, AddCheck):
        return action.check.not_valid
    return isinstance(action, AddForeignKey) and action.foreign_key.not_valid


RULE = Rule(
    id="PGL006",
    code="VALIDATED_AT_ONCE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(AlterTable,),
    title=Text(zh="NOT VALID 与 VALIDATE 在同一脚本", en="NOT VALID and VALIDATE in one script"),
    message=Text(
        zh="约束 {detail} 与此前对同一张表的修改放在一个脚本里验证：若整个脚本是一个事务，前面的强锁会一直持有到验证完成。请把 VALIDATE CONSTRAINT 放进单独的工单。",
        en="Constraint {detail} is validated in the script that also alters its table: in one transaction the strong lock is held until all rows are checked. Put VALIDATE CONSTRAINT into a ticket of its own.",
    ),
    why=Text(
        zh="分两步的意义在于验证时不持有强锁；合在一个事务里就失去了这一点。",
        en="The point of two steps is that no strong lock is held while rows are checked; one transaction undoes that.",
    ),
    fails=(
        Example(
            "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT k"
        ),
        Example("ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT k"),
    ),
    passes=(
        Example("ALTER TABLE t VALIDATE CONSTRAINT k"),
        Example("ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID"),
    ),
)
