"""DEFINER_SEARCH_PATH: whoever calls it may decide what its names mean."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateRoutine


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, CreateRoutine) or structure.security != "DEFINER":
        return
    if "search_path" not in structure.settings:
        yield Note("DEFINER_SEARCH_PATH", structure.at, structure.ref.name)


RULE = Rule(
    id="PGL051",
    code="DEFINER_SEARCH_PATH",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(CreateRoutine,),
    title=Text(zh="SECURITY DEFINER 未固定 search_path", en="SECURITY DEFINER without search_path"),
    message=Text(
        zh="函数 {detail} 以创建者的权限执行，却没有固定 search_path，调用者可借此让它执行别的代码。请加上 SET search_path = pg_catalog, 所用模式。",
        en="Function {detail} runs with its owner's rights but with the caller's search_path, through which the caller can make it run other code. Add SET search_path = pg_catalog and the schemas it needs.",
    ),
    why=Text(
        zh="PostgreSQL 手册「安全地编写 SECURITY DEFINER 函数」一节要求如此。",
        en="PostgreSQL's manual asks for it: Writing SECURITY DEFINER Functions Safely.",
    ),
    fails=(Example("CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"),),
    passes=(
        Example(
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1'"
        ),
        Example("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    ),
)
