"""INDIRECT: the statement touches more than it names: triggers, rules, views, cascades.

Known from the target's catalogue or from definitions earlier in the script; the undo of a statement
covers only what it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sluicegate.sql.facts import Facts, Note
from sluicegate.sql.known import KnownObjects, operations_of, reached
from sluicegate.sql.model import Access, Severity, StatementKind
from sluicegate.sql.rules.base import MYSQL, SQLITE, Example, Options, Rule, Subject, Text


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    facts = subject.facts
    known = [objects for objects in (subject.context.known, subject.script.known) if objects]
    cascades = any(note.code == "INDIRECT" and note.detail == "CASCADE" for note in facts.notes)
    changes = facts.kind in (StatementKind.DML, StatementKind.QUERY) or (
        cascades and facts.operation == "TRUNCATE"
    )
    if not known:
        return
    _read_through_views(facts, known)
    if not changes:
        return
    operations = operations_of(facts.operation, subject.text)
    for ref in list(facts.written()):
        for kind, target in reached(ref, operations, *known):
            # Whoever writes to a view writes to what is under it, whichever of its tables that is.
            facts.add(replace(target, access=Access.WRITE) if kind == "view" else target)
            yield Note("INDIRECT", -1, f"{kind}: {target.name}")


def _read_through_views(facts: Facts, known: list[KnownObjects]) -> None:
    """Whoever reads a view reads what is under it; nothing to say of that, but rights go by it."""
    for ref in [ref for ref in facts.objects if ref.access is Access.READ]:
        for kind, target in reached(ref, "SELECT", *known):
            if kind == "view":
                facts.add(replace(target, access=Access.READ))


RULE = Rule(
    id="DML004",
    code="INDIRECT",
    severity=Severity.WARNING,
    check=check,
    everywhere=True,
    by_script=True,
    families=frozenset({MYSQL, SQLITE}),
    title=Text(zh="影响没有写出的对象", en="Touching more than is named"),
    message=Text(
        zh="这条语句还会影响没有写出的对象（{detail}），回滚语句不包含它们。",
        en="The statement also touches what it doesn't name ({detail}); the undo doesn't cover that.",
    ),
    why=Text(
        zh="触发器、视图、规则和级联会改动语句中没有出现的表；撤销脚本只能覆盖写出来的部分。",
        en="Triggers, views, rules and cascades change tables that the statement doesn't name; the undo covers only those it does.",
    ),
    fails=(
        Example(
            "CREATE TRIGGER g AFTER DELETE ON a FOR EACH ROW DELETE FROM b WHERE x = OLD.x;\nDELETE FROM a WHERE id = 1",
            families=("mysql",),
        ),
        Example(
            "CREATE TRIGGER g AFTER DELETE ON a BEGIN DELETE FROM b WHERE x = OLD.x; END;\nDELETE FROM a WHERE id = 1",
            families=("sqlite",),
        ),
    ),
    passes=(Example("DELETE FROM a WHERE id = 1"),),
)
