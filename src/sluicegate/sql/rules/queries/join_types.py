"""JOIN_TYPES_DIFFER: columns of unlike types are compared."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked, column_of, conditions, is_number, is_text, name
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for found in conditions(query):
        if found.column is None or found.other_column is None or found.function:
            continue
        left = column_of(subject, query, found.column, found.select)
        right = column_of(subject, query, found.other_column, found.select)
        if left is None or right is None:
            continue
        one, other = left[1], right[1]
        if (is_text(one) and is_number(other)) or (is_number(one) and is_text(other)):
            shown = f"{name(found.column)}, {name(found.other_column)}"
            yield Note("JOIN_TYPES_DIFFER", found.at, shown, params={"types": f"{one.type}, {other.type}"})


RULE = Rule(
    id="QRY037",
    code="JOIN_TYPES_DIFFER",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("comparisons",),
    title=Text(
        zh="连接列类型不同",
        en="Joined columns of unlike types",
    ),
    message=Text(
        zh="连接的列 {detail} 类型不同（{types}），会逐行转换且用不上索引，请统一列的类型。",
        en=(
            "The joined columns {detail} differ in type ({types}): every row is converted and no index "
            "helps. Give both one type."
        ),
    ),
    why=Text(
        zh="字符串与数字比较时要先转换，索引失效，还可能匹配到不该匹配的行。",
        en=(
            "Text and numbers are converted before they are compared: no index helps, and wrong rows may "
            "match."
        ),
    ),
    fails=(
        Example(
            "SELECT t.a FROM t JOIN u ON t.a = u.b",
            setup="CREATE TABLE t (a INT); CREATE TABLE u (b VARCHAR(10))",
        ),
    ),
    passes=(
        Example(
            "SELECT t.a FROM t JOIN u ON t.a = u.b", setup="CREATE TABLE t (a INT); CREATE TABLE u (b BIGINT)"
        ),
        Example("SELECT t.a FROM t JOIN u ON t.a = u.b"),
    ),
)
