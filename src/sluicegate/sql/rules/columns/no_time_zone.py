"""COLUMN_WITHOUT_TIME_ZONE: times without a zone are nobody's."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name in ("TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE"):
            yield Note("COLUMN_WITHOUT_TIME_ZONE", column.at, column.name)


RULE = Rule(
    id="COL037",
    code="COLUMN_WITHOUT_TIME_ZONE",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="时间不带时区", en="Time without a zone"),
    message=Text(
        zh="列 {detail} 使用不带时区的 TIMESTAMP，换了时区含义就变。请改用 TIMESTAMPTZ。",
        en="Column {detail} is a TIMESTAMP without time zone, whose meaning depends on the reader. Use TIMESTAMPTZ.",
    ),
    why=Text(
        zh="客户端时区不一致时，写入与读出的是不同的时刻。",
        en="Where clients differ in their zone, what is read isn't the moment that was written.",
    ),
    fails=(Example("CREATE TABLE t (a TIMESTAMP)"),),
    passes=(
        Example("CREATE TABLE t (a TIMESTAMPTZ)"),
        Example("CREATE TABLE t (a TIMESTAMP WITH TIME ZONE)"),
    ),
)
