"""TOO_MANY_DENIED: behind so many denied statements that it isn't looked at.

The analysis notes the case (``analyse.MOST_DENIED``).
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Example, Rule, Text

RULE = Rule(
    id="SQL005",
    code="TOO_MANY_DENIED",
    severity=Severity.BLOCK,
    title=Text(zh="禁止的语句过多", en="Too many denied statements"),
    message=Text(
        zh="前面已有 {detail} 条语句被禁止，从这里起不再分析。请先修正前面的语句。",
        en="{detail} statements before it are denied, so nothing is analysed from here on. Mend those first.",
    ),
    why=Text(
        zh="被禁止的语句这么多，整个脚本不可能执行；继续分析只会耗时，也没有人会看完结果。",
        en="With so many denied statements the script can't be executed: going on would only cost time, and nobody "
        "would read the result.",
    ),
    fails=(Example("a1;" * 1001 + "SELECT 1"),),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
