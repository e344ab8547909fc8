"""COLUMN_CHARSET_CHANGED: another character set writes every value anew."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import is_empty, known
from sluicegate.sql.rules.outcome import charset_of
from sluicegate.sql.structure.definitions import AlterTable, ChangeColumn


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    table = known(subject, ref)
    if table is None or ref is None or is_empty(subject, ref):
        return
    for action in actions(subject):
        old = table.column(action.name) if isinstance(action, ChangeColumn) else None
        if old is None or not isinstance(action, ChangeColumn):
            continue
        before, now = charset_of(old, table).lower(), charset_of(action.column, table).lower()
        if before and now and before != now:
            yield Note(
                "COLUMN_CHARSET_CHANGED", action.at, action.name, params={"before": before, "after": now}
            )


RULE = Rule(
    id="COL016",
    code="COLUMN_CHARSET_CHANGED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    title=Text(zh="改变列的字符集", en="Changing a column's character set"),
    message=Text(
        zh="列 {detail} 的字符集由 {before} 变为 {after}：会重写整张表，装不下的字符会丢失，与其他列比较时可能用不上索引。请确认后在低峰期执行。",
        en="Column {detail} changes from {before} to {after}: the table is written anew, characters that don't fit are lost, and comparisons may use no index. Check it, and do it in a quiet hour.",
    ),
    why=Text(
        zh="字符集转换不可撤销；MODIFY 时忘写字符集，也会悄悄改成表的默认值。",
        en="It can't be undone, and MODIFY without a character set silently takes the table's.",
    ),
    fails=(
        Example(
            "ALTER TABLE t MODIFY a VARCHAR(9)",
            setup="CREATE TABLE t (a VARCHAR(9) CHARACTER SET latin1) CHARSET=utf8mb4",
            rows=5,
        ),
        Example(
            "ALTER TABLE t MODIFY a VARCHAR(9) CHARACTER SET gbk",
            setup="CREATE TABLE t (a VARCHAR(9)) CHARSET=utf8mb4",
        ),
    ),
    passes=(
        Example("ALTER TABLE t MODIFY a VARCHAR(19)", setup="CREATE TABLE t (a VARCHAR(9)) CHARSET=utf8mb4"),
        Example("ALTER TABLE t MODIFY a VARCHAR(9) CHARACTER SET gbk"),
    ),
)
