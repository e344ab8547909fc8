"""UNTERMINATED: a literal, comment or body that never ends."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Example, Options, Rule, Subject, Text


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    if subject.piece.problem == "unterminated":
        tokens = subject.piece.tokens or []
        broken = next((token for token in tokens if token.kind == "BROKEN"), None)
        yield Note("UNTERMINATED", broken.start if broken else -1, broken.text[:20] if broken else "")


RULE = Rule(
    id="LEX004",
    code="UNTERMINATED",
    severity=Severity.BLOCK,
    check=check,
    everywhere=True,
    by_script=True,
    title=Text(zh="没有结束的引号或注释", en="A quote or comment that never ends"),
    message=Text(
        zh="引号、注释或语句体没有结束：{detail}。请补全。",
        en="A quote, comment or body never ends: {detail}. Complete it.",
    ),
    why=Text(
        zh="没有结束的引号或注释会吞掉后面的语句，看到的与执行的就不一样。",
        en="An open quote or comment swallows the statements behind it: what runs isn't what is seen.",
    ),
    fails=(Example("DELETE FROM orders WHERE name = 'x"),),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
