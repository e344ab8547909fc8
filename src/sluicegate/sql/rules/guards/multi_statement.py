"""MULTI_STATEMENT: a further statement where a reader expects none.

Behind another one on the same line, far below it, or inside one delimited unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Example, Options, Rule, Subject, Text

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


RULE = Rule(
    id="LEX007",
    code="MULTI_STATEMENT",
    severity=Severity.WARNING,
    check=check,
    everywhere=True,
    by_script=True,
    title=Text(zh="容易被忽略的语句", en="A statement that is easily overlooked"),
    message=Text(
        zh="这里还有一条语句，容易被忽略。请让每条语句独占一行。",
        en="There is a further statement here that is easily overlooked. Begin every statement on a line of its own.",
    ),
    why=Text(
        zh="跟在同一行后面、藏在大段空行之后或写在同一个分隔单元里的语句，审批人很容易看漏。",
        en="Behind another one on the same line, below many empty lines or inside one delimited unit, a statement is easily missed by the approver.",
    ),
    fails=(Example("UPDATE orders SET total = 1 WHERE id = 1; UPDATE orders SET total = 2 WHERE id = 2"),),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1;\nUPDATE orders SET total = 2 WHERE id = 2"),),
)
