"""DDL_DML_MIX: definitions and data changes in one script, where definitions commit.

What was changed before the definition can't be rolled back any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity, StatementKind
from sluicegate.sql.rules.base import Options, Rule, Subject


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    if subject.territory.transactional_ddl:
        return
    kind, script = subject.facts.kind, subject.script
    if (kind is StatementKind.DDL and script.changed_data and not subject.facts.transactional) or (
        kind is StatementKind.DML and script.changed_structure
    ):
        yield Note("DDL_DML_MIX", -1, subject.facts.operation)


RULE = Rule(id="TXN002", code="DDL_DML_MIX", severity=Severity.WARNING, check=check, by_script=True)
