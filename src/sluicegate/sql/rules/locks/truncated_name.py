"""NAME_TRUNCATED: the server cuts names off at 63 bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.tokens import QUOTED, WORD

_LIMIT: Final = 63  # NAMEDATALEN - 1
_SHORTEST: Final = _LIMIT // 4  # characters that may need more bytes


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for token in subject.piece.tokens or ():
        if token.kind not in (WORD, QUOTED) or len(token.text) <= _SHORTEST:
            continue
        name = token.text[1:-1].replace('""', '"') if token.kind == QUOTED else token.text
        if len(name.encode("utf-8", "replace")) > _LIMIT:
            yield Note("NAME_TRUNCATED", token.start, name)


RULE = Rule(
    id="PGL048",
    code="NAME_TRUNCATED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    title=Text(zh="名称超过 63 字节", en="Name longer than 63 bytes"),
    message=Text(
        zh="名称 {detail} 超过 63 字节，服务器会悄悄截断，可能与另一个名称相同。请改短（一个汉字占 3 字节）。",
        en="The name {detail} is longer than 63 bytes: the server cuts it off silently, and it may meet another. Make it shorter.",
    ),
    why=Text(
        zh="截断只产生一条提示；之后按全名查找就会失败。",
        en="Only a notice tells of it; looking the full name up afterwards fails.",
    ),
    fails=(
        Example("CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (x int)"),
        Example('CREATE INDEX "客客客客客客客客客客客客客客客客客客客客客客" ON t (a)'),
    ),
    passes=(
        Example("CREATE TABLE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (x int)"),
        Example(
            "SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' FROM t WHERE id = 1"
        ),
    ),
)
