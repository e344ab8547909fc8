"""DROP_WITHOUT_IF_EXISTS: a repeated script fails at a DROP"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import DropIndex, DropObject, DropTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, DropTable | DropIndex | DropObject) and not structure.if_exists:
        yield Note("DROP_WITHOUT_IF_EXISTS", structure.at, subject.facts.operation)


RULE = Rule(
    id="OBJ016",
    code="DROP_WITHOUT_IF_EXISTS",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(DropIndex, DropObject, DropTable),
    enabled=False,
    title=Text(zh="DROP 未带 IF EXISTS", en="DROP without IF EXISTS"),
    message=Text(
        zh="{detail} 没有 IF EXISTS：对象不存在时脚本会中断。请加上 IF EXISTS。",
        en="{detail} has no IF EXISTS: the script stops when the object isn't there. Add IF EXISTS.",
    ),
    why=Text(
        zh="同一脚本在多个环境执行时，对象不一定都在；加上 IF EXISTS 可重复执行。",
        en="A script that runs in several environments doesn't find the same objects everywhere; with IF EXISTS it can be run again.",
    ),
    fails=(
        Example("DROP TABLE t"),
        Example("DROP VIEW v"),
    ),
    passes=(
        Example("DROP TABLE IF EXISTS t"),
        Example("DROP VIEW IF EXISTS v"),
    ),
)
