"""COLUMN_JSON_NOT_JSONB: json keeps the text, jsonb the values."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is not None and column.type.name == "JSON":
            yield Note("COLUMN_JSON_NOT_JSONB", column.at, column.name)


RULE = Rule(
    id="COL035",
    code="COLUMN_JSON_NOT_JSONB",
    severity=Severity.INFO,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=COLUMNS_IN,
    enabled=False,
    title=Text(zh="使用 json 而非 jsonb", en="json instead of jsonb"),
    message=Text(
        zh="列 {detail} 的类型是 json，不能建索引也不能比较。请改用 jsonb。",
        en="Column {detail} is json, which can be neither indexed nor compared. Use jsonb.",
    ),
    why=Text(
        zh="json 保存原文，每次读取都要重新解析；对它做 DISTINCT 或 GROUP BY 会报错。",
        en="json keeps the text and parses it on each read; DISTINCT and GROUP BY fail on it.",
    ),
    fails=(Example("CREATE TABLE t (a JSON)"),),
    passes=(Example("CREATE TABLE t (a JSONB)"),),
)
