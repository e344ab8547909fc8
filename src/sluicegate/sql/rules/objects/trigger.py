"""TRIGGER_DEFINED: triggers act unseen."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateRoutine


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateRoutine) and structure.ref.type == "trigger":
        yield Note("TRIGGER_DEFINED", structure.at, structure.ref.name)


RULE = Rule(
    id="OBJ010",
    code="TRIGGER_DEFINED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(CreateRoutine,),
    enabled=False,  # a guard speaks of it anyway; a policy may weigh this case by itself
    title=Text(zh="创建触发器", en="Creating a trigger"),
    message=Text(
        zh="创建触发器 {detail}：之后对该表的每次写入都会执行它，撤销脚本不包含它改动的数据。请确认确有必要，并告知使用该表的团队。",
        en="Creates trigger {detail}: every write to the table runs it from now on, and undo doesn't cover what it changes. Make sure it is needed, and tell the teams that use the table.",
    ),
    why=Text(
        zh="触发器让一条简单的写入变成看不见的多表修改，拖慢写入，也让问题难以定位。",
        en="A trigger turns a simple write into an unseen change of several tables, slows writes down and makes faults hard to find.",
    ),
    fails=(
        Example(
            "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW UPDATE c SET n = n + 1", families=("mysql",)
        ),
        Example(
            "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()", families=("postgresql",)
        ),
        Example("CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE c SET n = n + 1; END", families=("sqlite",)),
    ),
    passes=(
        Example("CREATE TABLE t (a INT)"),
        Example(
            "DROP TRIGGER g",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
    ),
)
