"""INDIRECT: the statement touches more than it names: triggers, rules, views, cascades.

Known from the target's catalogue or from definitions earlier in the script; the undo of a statement
covers only what it names.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.known import reached
from sluicegate.sql.model import Severity, StatementKind
from sluicegate.sql.rules.base import Options, Rule, Subject


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    facts = subject.facts
    known = [objects for objects in (subject.context.known, subject.script.known) if objects]
    cascades = any(note.code == "INDIRECT" and note.detail == "CASCADE" for note in facts.notes)
    changes = facts.kind is StatementKind.DML or (cascades and facts.operation == "TRUNCATE")
    if not known or not changes:
        return
    for ref in list(facts.written()):
        for kind, target in reached(ref, facts.operation, *known):
            facts.add(target)
            yield Note("INDIRECT", -1, f"{kind}: {target.name}")


RULE = Rule(id="DML004", code="INDIRECT", severity=Severity.WARNING, check=check, by_script=True)
