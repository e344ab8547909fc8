"""NAME_STARTS_WITH_DIGIT: names that begin like a number."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.names import NAMED_IN, names


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for named in names(subject):
        if named.name[0].isdigit():
            yield Note("NAME_STARTS_WITH_DIGIT", named.at, named.name)


RULE = Rule(
    id="NAM012",
    code="NAME_STARTS_WITH_DIGIT",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    enabled=False,
    title=Text(zh="名称以数字开头", en="Name that begins with a digit"),
    message=Text(
        zh="名称 {detail} 以数字开头，容易被当成数字解析（如 1e2）。请以字母开头。",
        en="The name {detail} begins with a digit and may be read as a number (1e2). Begin with a letter.",
    ),
    why=Text(
        zh="以数字开头的名称在多数数据库里必须加引号，个别形式还会被误认成数值。",
        en="Most servers want quotes around such names, and some of them look just like numbers.",
    ),
    fails=(
        Example(
            "CREATE TABLE `2024_orders` (id INT)",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example(
            'CREATE TABLE "2024_orders" (id INT)',
            families=(
                "postgresql",
                "sqlite",
            ),
        ),
        Example(
            "ALTER TABLE t ADD COLUMN `1st` INT",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example('ALTER TABLE t ADD COLUMN "1st" INT', families=("postgresql",)),
    ),
    passes=(Example("CREATE TABLE orders_2024 (id INT)"),),
)
