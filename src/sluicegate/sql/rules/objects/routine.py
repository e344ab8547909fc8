"""ROUTINE_DEFINED: stored procedures, functions and events are to be avoided here."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateRoutine


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateRoutine) and structure.ref.type != "trigger":
        yield Note("ROUTINE_DEFINED", structure.at, structure.ref.name)


RULE = Rule(
    id="OBJ011",
    code="ROUTINE_DEFINED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(CreateRoutine,),
    enabled=False,
    title=Text(zh="创建存储过程、函数或事件", en="Creating a procedure, function or event"),
    message=Text(
        zh="创建 {detail}：本策略不使用存储过程、函数和事件。请把逻辑放在程序里，或向 DBA 申请例外。",
        en="Creates {detail}, and this policy has no procedures, functions and events. Put the logic into the program, or ask a DBA for an exception.",
    ),
    why=Text(
        zh="存储代码难以审查、测试和回退，并占用数据库最宝贵的 CPU。",
        en="Stored code is hard to review, test and roll back, and spends the CPU of the database.",
    ),
    fails=(
        Example("CREATE PROCEDURE p() SELECT 1", families=("mysql",)),
        Example("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", families=("postgresql",)),
    ),
    passes=(
        Example("CREATE TABLE t (a INT)"),
        Example("DROP PROCEDURE p"),
    ),
)
