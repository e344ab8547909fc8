"""MULTI_STATEMENT: a further statement where a reader expects none.

Behind another one on the same line, far below it, or inside one delimited unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Options, Rule, Subject

FAR: Final = 30  # empty lines that push a statement out of sight


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    piece, script = subject.piece, subject.script
    if piece.open_mode or piece.mode:
        yield Note("MULTI_STATEMENT", -1, ";", Severity.BLOCK)
    elif piece.in_unit:
        yield Note("MULTI_STATEMENT", -1, ";")
    elif script.statements and subject.line == script.previous_end_line:
        yield Note("MULTI_STATEMENT", -1, ";", Severity.INFO)
    elif script.statements and subject.line - script.previous_end_line > FAR:
        yield Note("MULTI_STATEMENT", -1, ";")


RULE = Rule(id="LEX007", code="MULTI_STATEMENT", severity=Severity.WARNING, check=check, by_script=True)
