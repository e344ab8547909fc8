"""NAME_WITH_PUNCTUATION: blanks and signs in names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.names import NAMED_IN, names

_PLAIN: Final = re.compile(r"[\w$]*\Z")


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for named in names(subject):
        if _PLAIN.match(named.name) is None:
            yield Note("NAME_WITH_PUNCTUATION", named.at, named.name)


RULE = Rule(
    id="NAM010",
    code="NAME_WITH_PUNCTUATION",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    title=Text(zh="名称含空格或标点", en="Blank or sign in a name"),
    message=Text(
        zh="名称 {detail} 含有空格或标点，每次使用都必须加引号。请只用字母、数字和下划线。",
        en="The name {detail} has a blank or a sign in it, so that every use needs quotes. Use letters, digits and underscores.",
    ),
    why=Text(
        zh="这样的名称容易被误读、漏加引号，肉眼几乎看不出首尾空格；多数情况是笔误。",
        en="Such names are easily misread or used without quotes, and a blank at the end can't be seen at all. Mostly they are slips.",
    ),
    fails=(
        Example(
            "CREATE TABLE `my table` (id INT)",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example(
            'CREATE TABLE "my table" (id INT)',
            families=(
                "postgresql",
                "sqlite",
            ),
        ),
        Example(
            "ALTER TABLE t ADD COLUMN `a-b` INT",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example("ALTER TABLE t ADD COLUMN `a ` INT", families=("sqlite",)),
        Example('CREATE INDEX "a.b" ON t (a)', families=("postgresql",)),
    ),
    passes=(
        Example("CREATE TABLE my_table (id INT, a$b INT)"),
        Example(
            "ALTER TABLE `my table` ADD COLUMN a INT",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example("CREATE TABLE 订单 (id INT)"),
    ),
)
