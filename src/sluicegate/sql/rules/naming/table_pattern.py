"""TABLE_NAME_PATTERN: table names by a team's own pattern."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.names import NAMED_IN, TABLE, names


def check(subject: Subject, options: Options) -> Iterator[Note]:
    patterns = options.words("patterns")
    for named in names(subject, TABLE):
        if not any(fnmatchcase(named.name, pattern) for pattern in patterns):
            yield Note("TABLE_NAME_PATTERN", named.at, named.name)


RULE = Rule(
    id="NAM016",
    code="TABLE_NAME_PATTERN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    enabled=False,
    parameters=(
        Parameter(
            "patterns",
            ("t_*",),
            Text(
                zh="允许的名称模式（* 代表任意字符）", en="Patterns that are allowed (* stands for anything)"
            ),
        ),
    ),
    title=Text(zh="表名模式", en="Pattern of table names"),
    message=Text(
        zh="表名 {detail} 不符合规定的模式（{patterns}）。请按规定命名。",
        en="The table name {detail} doesn't follow the agreed patterns ({patterns}). Name it so.",
    ),
    why=Text(
        zh="按业务前缀命名，可以一眼看出对象属于哪个系统，也便于按前缀授权和管理。",
        en="Names by a pattern show to which system something belongs, and rights can be given by it.",
    ),
    fails=(
        Example("CREATE TABLE orders (id INT)"),
        Example("ALTER TABLE t_a RENAME TO b"),
    ),
    passes=(
        Example("CREATE TABLE t_orders (id INT)"),
        Example("CREATE TABLE crm_a (id INT)", options={"patterns": ("crm_*", "t_*")}),
    ),
)
