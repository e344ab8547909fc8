"""INSERT_IGNORE: rows that conflict are left out silently. Carries over CloudDM's insert_003."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    if query.ignore and not options.flag("allow"):
        yield Note("INSERT_IGNORE", query.at, query.targets[0].name if query.targets else "")


RULE = Rule(
    id="CHG008",
    code="INSERT_IGNORE",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    parameters=(
        Parameter(
            "allow",
            False,
            Text(
                zh="允许忽略冲突",
                en="Ignoring is allowed",
            ),
        ),
    ),
    title=Text(
        zh="INSERT IGNORE",
        en="INSERT IGNORE",
    ),
    message=Text(
        zh="插入 {detail} 时忽略冲突和错误，出错的行会被悄悄丢弃，请确认这是想要的。",
        en=(
            "Conflicts are ignored when rows are inserted into {detail}: they are dropped silently. Make "
            "sure that this is meant."
        ),
    ),
    why=Text(
        zh="除了主键冲突，超长、为空等错误也可能被忽略，数据被截断或丢失而没有提示。",
        en=(
            "Beside duplicate keys other errors may be ignored too, so that values are cut or rows lost "
            "without a word."
        ),
    ),
    fails=(
        Example("INSERT IGNORE INTO t (a) VALUES (1)", families=("mysql",)),
        Example("INSERT OR IGNORE INTO t (a) VALUES (1)", families=("sqlite",)),
        Example("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING", families=("postgresql", "sqlite")),
    ),
    passes=(
        Example("INSERT INTO t (a) VALUES (1)"),
        Example("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING", families=("postgresql", "sqlite")),
    ),
)
