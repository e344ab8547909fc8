"""SESSION_STATE: leaves something in the session that later statements depend on.

Such a script can't be resumed in a new session. The readers note most cases; changing the default
database is seen here, because it matters only when it is another one than the target's.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Options, Rule, Subject


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    database = subject.facts.database
    if database is not None and subject.piece.problem != "client":
        same = (subject.context.database or "").casefold() == database.casefold()
        yield Note("SESSION_STATE", -1, database, Severity.INFO if same else Severity.WARNING)


RULE = Rule(id="SES003", code="SESSION_STATE", severity=Severity.BLOCK, check=check, by_script=True)
