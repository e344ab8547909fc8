"""VIEW_DEFINED: views are to be avoided here."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateView


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateView):
        yield Note("VIEW_DEFINED", structure.at, structure.view.name)


RULE = Rule(
    id="OBJ009",
    code="VIEW_DEFINED",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(CreateView,),
    enabled=False,
    title=Text(zh="创建视图", en="Creating a view"),
    message=Text(
        zh="创建或替换视图 {detail}：本策略不使用视图。请把查询放在程序里，或向 DBA 申请例外。",
        en="Creates or replaces view {detail}, and this policy has no views. Put the query into the program, or ask a DBA for an exception.",
    ),
    why=Text(
        zh="视图把查询逻辑藏进数据库，难以随程序一起发布和回退，嵌套后执行计划也难以预料。",
        en="A view hides logic in the database, where it isn't released and rolled back with the program, and nested views make plans hard to foresee.",
    ),
    fails=(
        Example("CREATE VIEW v AS SELECT 1 AS a"),
        Example(
            "CREATE OR REPLACE VIEW v AS SELECT 1 AS a",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
    ),
    passes=(
        Example("CREATE TABLE t (a INT)"),
        Example("DROP VIEW v"),
    ),
)
