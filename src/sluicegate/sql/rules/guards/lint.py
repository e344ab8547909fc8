"""LINT: legal, but hardly what was meant.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Rule, Text

RULE = Rule(
    id="SQL003",
    code="LINT",
    severity=Severity.WARNING,
    families=frozenset({MYSQL}),
    title=Text(zh="多半不是本意的写法", en="Legal, but hardly what was meant"),
    message=Text(
        zh="{detail}：写法合法，但多半不是本意（例如 SET 中用 AND 代替了逗号，或 -- 后没有空格）。请核对。",
        en="{detail}: legal, but probably not what you mean (AND instead of a comma in SET, or -- without a blank). Check it.",
    ),
    why=Text(
        zh="数据库会接受这样的语句，但结果往往与作者的意图不同，例如 SET 里用 AND 会写入一个真假值。",
        en="The database accepts it, but does something else than its author meant: AND inside SET, for example, stores a truth value.",
    ),
    fails=(Example("UPDATE orders SET note = 'x' AND total = 2 WHERE id = 1"),),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
