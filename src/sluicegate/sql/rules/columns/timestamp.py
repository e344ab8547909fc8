"""COLUMN_TIMESTAMP_2038: TIMESTAMP ends in 2038."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name == "TIMESTAMP":
            yield Note("COLUMN_TIMESTAMP_2038", column.at, column.name)


RULE = Rule(
    id="COL032",
    code="COLUMN_TIMESTAMP_2038",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="TIMESTAMP 的上限", en="TIMESTAMP ends in 2038"),
    message=Text(
        zh="列 {detail} 使用 TIMESTAMP，只能存到 2038 年 1 月 19 日。请改用 DATETIME。",
        en="Column {detail} is a TIMESTAMP, which ends on 19 January 2038. Use DATETIME.",
    ),
    why=Text(
        zh="到期时间、合同日期等很快会超出范围；TIMESTAMP 还会随会话时区变化。",
        en="Dates of expiry get there soon; and it is shown by the session's time zone.",
    ),
    fails=(Example("CREATE TABLE t (a TIMESTAMP)"),),
    passes=(Example("CREATE TABLE t (a DATETIME)"),),
)
