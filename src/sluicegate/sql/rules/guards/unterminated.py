"""UNTERMINATED: a literal, comment or body that never ends."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Options, Rule, Subject


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    if subject.piece.problem == "unterminated":
        tokens = subject.piece.tokens or []
        broken = next((token for token in tokens if token.kind == "BROKEN"), None)
        yield Note("UNTERMINATED", broken.start if broken else -1, broken.text[:20] if broken else "")


RULE = Rule(id="LEX004", code="UNTERMINATED", severity=Severity.BLOCK, check=check, by_script=True)
