"""NOT_REPEATABLE: another value each time it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import CHANGES, INSERTS, asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query
from sluicegate.sql.words import words

_VARYING: Final = words(
    """
    RAND RANDOM RANDOMBLOB UUID UUID_SHORT GEN_RANDOM_UUID UUID_GENERATE_V4 NOW SYSDATE CURDATE CURTIME CURRENT_TIMESTAMP
    CURRENT_DATE CURRENT_TIME LOCALTIME LOCALTIMESTAMP UTC_TIMESTAMP UNIX_TIMESTAMP CLOCK_TIMESTAMP STATEMENT_TIMESTAMP
    TRANSACTION_TIMESTAMP RANDOM_BYTES NEWID
    """
)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    if query.verb not in CHANGES and query.verb not in INSERTS:
        return
    found = [function for function in query.functions if function in _VARYING]
    if found:
        yield Note("NOT_REPEATABLE", query.at, ", ".join(found))


RULE = Rule(
    id="CHG037",
    code="NOT_REPEATABLE",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    enabled=False,
    title=Text(
        zh="结果不可重复的函数",
        en="Functions that vary",
    ),
    message=Text(
        zh="语句使用了每次结果都不同的函数（{detail}），请改为写明值。",
        en="The statement calls functions whose value varies ({detail}). Write the value.",
    ),
    why=Text(
        zh="同样的脚本在不同环境执行会得到不同的数据，核对和撤销都困难；按语句复制时主从也会不一致。",
        en=(
            "The same script makes other data elsewhere, which is hard to check and to undo; "
            "statement-based replicas differ."
        ),
    ),
    fails=(
        Example("UPDATE t SET a = RAND() WHERE id = 1", families=("mysql",)),
        Example("INSERT INTO t (a) VALUES (random())", families=("postgresql", "sqlite")),
        Example("UPDATE t SET a = NOW() WHERE id = 1", families=("mysql", "postgresql")),
        Example("UPDATE t SET a = CURRENT_TIMESTAMP WHERE id = 1", families=("mysql", "sqlite")),
    ),
    passes=(
        Example("UPDATE t SET a = 1 WHERE id = 1"),
        Example("INSERT INTO t (a) VALUES (LOWER('X'))"),
    ),
)
