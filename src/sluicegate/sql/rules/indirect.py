"""INDIRECT: the statement touches more than it names: triggers, rules, views, cascades.

Known from the target's catalogue or from definitions earlier in the script; the undo of a statement
covers only what it names.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Access, Severity, StatementKind
from sluicegate.sql.rules.base import Rule, Subject


def check(subject: Subject) -> Iterator[Note]:
    facts, script, known = subject.facts, subject.script, subject.context.known
    definitions = (*(known.definitions if known else ()), *script.known.definitions)
    cascades = any(note.code == "INDIRECT" and note.detail == "CASCADE" for note in facts.notes)
    if not definitions or not (
        facts.kind is StatementKind.DML or (cascades and facts.operation == "TRUNCATE")
    ):
        return
    everything = script.known if known is None else known.plus(script.known.definitions)
    operation = facts.operation
    for ref in [ref for ref in facts.objects if ref.access is Access.WRITE]:
        for kind, reached in everything.reached(ref, operation):
            facts.add(reached)
            yield Note("INDIRECT", -1, f"{kind}: {reached.name}")


RULE = Rule(id="DML004", code="INDIRECT", severity=Severity.WARNING, check=check, by_script=True)
