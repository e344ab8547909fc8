"""SESSION_STATE: leaves something in the session that later statements depend on.

Such a script can't be resumed in a new session. The readers note most cases; changing the default
database is seen here, because it matters only when it is another one than the target's.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    database = subject.facts.database
    if database is not None and subject.piece.problem != "client":
        same = (subject.context.database or "").casefold() == database.casefold()
        yield Note("SESSION_STATE", -1, database, Severity.INFO if same else Severity.WARNING)


RULE = Rule(
    id="SES003",
    code="SESSION_STATE",
    severity=Severity.BLOCK,
    check=check,
    everywhere=True,
    by_script=True,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="在会话中留下状态", en="State left in the session"),
    message=Text(
        zh="{detail} 会在会话中留下状态（临时表、变量、当前库等），后面的语句依赖它，中断后不能继续执行。",
        en="{detail} leaves something in the session (temporary tables, variables, the current database) that later statements depend on; after an interruption they can't be resumed.",
    ),
    why=Text(
        zh="临时表、变量、当前库等只存在于一个会话；中断后换一个会话继续执行，后面的语句就会有不同的含义。",
        en="Temporary tables, variables and the current database live in one session; resumed in another one, later statements would mean something else.",
    ),
    fails=(
        Example("CREATE TEMPORARY TABLE t (a INT)"),
        Example("USE other_db", families=("mysql",)),
    ),
    passes=(Example("CREATE TABLE t (a INT)"),),
)
