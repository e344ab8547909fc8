"""COLUMN_ATTRIBUTE_LOST: MODIFY and CHANGE drop what they don't repeat."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import known
from sluicegate.sql.structure.definitions import AlterTable, ChangeColumn, Column, ExpressionKind


def _lost(old: Column, new: Column) -> Iterator[str]:
    """What the old column has and the new definition doesn't say."""
    if old.auto_increment and not new.auto_increment:
        yield "AUTO_INCREMENT"
    if old.nullable is False and new.nullable is None and not new.primary and not old.primary:
        yield "NOT NULL"
    if old.default is not None and old.default.kind is not ExpressionKind.NULL and new.default is None:
        yield "DEFAULT"
    if old.on_update is not None and new.on_update is None:
        yield "ON UPDATE"
    if old.comment and new.comment is None:
        yield "COMMENT"


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    table = known(subject, ref)
    key = None if table is None else table.primary_key
    for action in actions(subject):
        old = table.column(action.name) if table is not None and isinstance(action, ChangeColumn) else None
        if old is None or not isinstance(action, ChangeColumn):
            continue
        keyed = key is not None and old.name in key.columns
        lost = [name for name in _lost(old, action.column) if not (keyed and name == "NOT NULL")]
        if lost:
            yield Note("COLUMN_ATTRIBUTE_LOST", action.at, old.name, params={"lost": ", ".join(lost)})


RULE = Rule(
    id="COL004",
    code="COLUMN_ATTRIBUTE_LOST",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    title=Text(zh="改列时丢失属性", en="Attributes lost by MODIFY"),
    message=Text(
        zh="重新定义列 {detail} 时没有写 {lost}，原有的设置会被去掉。若非有意，请在语句中补全。",
        en="The new definition of column {detail} doesn't repeat {lost}, so that they are dropped. If that isn't meant, write them again.",
    ),
    why=Text(
        zh="MODIFY 和 CHANGE 用新的定义整个替换旧的，没有写出的 NOT NULL、默认值、自增、注释都会消失。",
        en="MODIFY and CHANGE put the new definition in place of the old one: NOT NULL, default, AUTO_INCREMENT and comment vanish when they aren't written.",
    ),
    fails=(
        Example(
            "ALTER TABLE t MODIFY a BIGINT", setup="CREATE TABLE t (a INT NOT NULL DEFAULT 0 COMMENT 'c')"
        ),
        Example("ALTER TABLE t MODIFY id BIGINT", setup="CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)"),
        Example(
            "ALTER TABLE t CHANGE a b DATETIME NOT NULL DEFAULT NOW()",
            setup="CREATE TABLE t (a DATETIME NOT NULL DEFAULT NOW() ON UPDATE NOW())",
        ),
    ),
    passes=(
        Example(
            "ALTER TABLE t MODIFY a BIGINT NOT NULL DEFAULT 0 COMMENT 'c'",
            setup="CREATE TABLE t (a INT NOT NULL DEFAULT 0 COMMENT 'c')",
        ),
        Example("ALTER TABLE t MODIFY a BIGINT NULL", setup="CREATE TABLE t (a INT NOT NULL)"),
        Example(
            "ALTER TABLE t MODIFY id BIGINT AUTO_INCREMENT",
            setup="CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)",
        ),
        Example("ALTER TABLE t MODIFY a BIGINT"),
    ),
)
