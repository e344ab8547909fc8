"""CHANGED_VIEW: rows are changed through a view."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.schema.certain import distinct, lookup
from sluicegate.sql.structure.definitions import Table
from sluicegate.sql.structure.queries import Query

_VERBS = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE"})


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = subject.structure
    if not isinstance(query, Query) or query.verb not in _VERBS:
        return
    for ref in distinct(iter(query.targets)):
        found = lookup(subject, ref)
        if isinstance(found, Table) and found.view:
            yield Note("CHANGED_VIEW", query.at, ref.name)


_SETUP = "CREATE TABLE t (a INT); CREATE VIEW v (a) AS SELECT a FROM t"
RULE = Rule(
    id="SCH009",
    code="CHANGED_VIEW",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=_VERBS,
    title=Text(zh="通过视图修改数据", en="Change through a view"),
    message=Text(
        zh="{detail} 是视图，实际修改的是它背后的表，有的视图不能修改。请尽量直接修改表。",
        en="{detail} is a view: its tables are what changes, and some views can't be written. Change the table itself if you "
        "can.",
    ),
    why=Text(
        zh="视图可能隐藏行和列，也可能带有触发器；影响的行数和撤销数据都难以确认。",
        en="A view may hide rows and columns or have triggers, so that it is hard to tell what changes and how to undo it.",
    ),
    fails=(
        Example("INSERT INTO v (a) VALUES (1)", setup=_SETUP),
        Example("UPDATE v SET a = 1 WHERE a = 2", setup=_SETUP),
        Example("DELETE FROM v WHERE a = 1", setup=_SETUP),
    ),
    passes=(
        Example("UPDATE t SET a = 1 WHERE a = 2", setup=_SETUP),
        Example("SELECT a FROM v", setup=_SETUP),
        Example("UPDATE v SET a = 1 WHERE a = 2"),
    ),
)
