"""PREAPPROVAL_EXEC: text that would run if an analysis put EXPLAIN before it.

The readers note texts that are no statement but become one behind EXPLAIN. A script that begins with
a query and goes on with a change is the other form; it is cut into statements here, so this only
tells.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity, StatementKind
from sluicegate.sql.rules.base import Options, Rule, Subject


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    if subject.script.first_kind is StatementKind.QUERY and subject.facts.kind is not StatementKind.QUERY:
        yield Note("PREAPPROVAL_EXEC", -1, subject.facts.operation, Severity.INFO)


RULE = Rule(id="SEC004", code="PREAPPROVAL_EXEC", severity=Severity.BLOCK, check=check, by_script=True)
