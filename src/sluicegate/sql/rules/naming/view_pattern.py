"""VIEW_NAME_PATTERN: view names by a team's own pattern."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.names import NAMED_IN, VIEW, names


def check(subject: Subject, options: Options) -> Iterator[Note]:
    patterns = options.words("patterns")
    for named in names(subject, VIEW):
        if not any(fnmatchcase(named.name, pattern) for pattern in patterns):
            yield Note("VIEW_NAME_PATTERN", named.at, named.name)


RULE = Rule(
    id="NAM017",
    code="VIEW_NAME_PATTERN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    enabled=False,
    parameters=(
        Parameter(
            "patterns",
            ("v_*",),
            Text(
                zh="允许的名称模式（* 代表任意字符）", en="Patterns that are allowed (* stands for anything)"
            ),
        ),
    ),
    title=Text(zh="视图名模式", en="Pattern of view names"),
    message=Text(
        zh="视图名 {detail} 不符合规定的模式（{patterns}）。请按规定命名。",
        en="The view name {detail} doesn't follow the agreed patterns ({patterns}). Name it so.",
    ),
    why=Text(
        zh="按业务前缀命名，可以一眼看出对象属于哪个系统，也便于按前缀授权和管理。",
        en="Names by a pattern show to which system something belongs, and rights can be given by it.",
    ),
    fails=(Example("CREATE VIEW orders AS SELECT 1 AS a"),),
    passes=(
        Example("CREATE VIEW v_orders AS SELECT 1 AS a"),
        Example("CREATE TABLE orders (id INT)"),
    ),
)
