"""CHARSET_THREE_BYTES: MySQL's utf8 holds three bytes a character."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, columns
from sluicegate.sql.structure.definitions import (
    AlterTable,
    ConvertCharset,
    CreateDatabase,
    CreateTable,
    SetOption,
)

_SHORT: Final = frozenset({"utf8", "utf8mb3"})


def _charsets(subject: Subject) -> Iterator[tuple[str, int]]:
    structure = subject.structure
    if isinstance(structure, CreateTable):
        yield structure.table.options.get("CHARSET", ""), structure.at
    elif isinstance(structure, CreateDatabase):
        yield structure.charset, structure.at
    for action in actions(subject):
        if isinstance(action, ConvertCharset):
            yield action.charset, action.at
        elif isinstance(action, SetOption) and action.name == "CHARSET":
            yield action.value, action.at
    for column in columns(subject):
        yield column.charset, column.at


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for charset, at in _charsets(subject):
        if charset.lower() in _SHORT:
            yield Note("CHARSET_THREE_BYTES", at, charset)


RULE = Rule(
    id="COL012",
    code="CHARSET_THREE_BYTES",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(CreateTable, AlterTable, CreateDatabase),
    title=Text(zh="三字节的 utf8", en="utf8 of three bytes"),
    message=Text(
        zh="{detail} 每个字符最多 3 字节，存不了表情和部分汉字。请使用 utf8mb4。",
        en="{detail} holds three bytes a character: emoji and some Chinese characters don't fit. Use utf8mb4.",
    ),
    why=Text(
        zh="遇到四字节字符时写入会失败或被截断；MySQL 已将 utf8mb3 标为废弃。",
        en="Characters of four bytes fail or are cut, and MySQL has deprecated utf8mb3.",
    ),
    fails=(
        Example("CREATE TABLE t (a TEXT) CHARSET=utf8"),
        Example("CREATE TABLE t (a TEXT CHARACTER SET utf8mb3)"),
        Example("ALTER TABLE t CONVERT TO CHARACTER SET utf8"),
        Example("CREATE DATABASE d CHARSET utf8"),
    ),
    passes=(
        Example("CREATE TABLE t (a TEXT) CHARSET=utf8mb4"),
        Example("CREATE TABLE t (a TEXT)"),
    ),
)
