"""TABLE_CHARSET_NOT_CONVERTED: a new default character set leaves the columns as they are.

Carries over CloudDM's table_012.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions
from sluicegate.sql.structure.definitions import AlterTable, SetOption


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for action in actions(subject):
        if isinstance(action, SetOption) and action.name in ("CHARSET", "COLLATE"):
            yield Note("TABLE_CHARSET_NOT_CONVERTED", action.at, action.value)


RULE = Rule(
    id="TAB009",
    code="TABLE_CHARSET_NOT_CONVERTED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    title=Text(zh="只改了表的默认字符集", en="Only the table's default character set"),
    message=Text(
        zh="这只会把默认值改为 {detail}，已有的列不变。若要转换已有的列，请用 ALTER TABLE … CONVERT TO CHARACTER SET。",
        en="This only makes {detail} the default: existing columns stay as they are. To convert them use ALTER TABLE … CONVERT TO CHARACTER SET.",
    ),
    why=Text(
        zh="只改默认值后，新旧列的字符集会不同，关联和比较时出现隐式转换甚至报错。",
        en="With only the default changed, old and new columns differ, so that comparisons convert values or fail.",
    ),
    fails=(
        Example("ALTER TABLE t DEFAULT CHARACTER SET utf8mb4"),
        Example("ALTER TABLE t COLLATE utf8mb4_bin"),
    ),
    passes=(
        Example("ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4"),
        Example("CREATE TABLE t (id INT) DEFAULT CHARSET=utf8mb4"),
    ),
)
