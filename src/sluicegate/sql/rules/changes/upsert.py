"""UPSERT: an INSERT that may become an UPDATE."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import INSERTS, asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None or query.verb not in INSERTS:
        return

    if query.upsert == "UPDATE":
        yield Note("UPSERT", query.at, query.targets[0].name if query.targets else "")


RULE = Rule(
    id="CHG026",
    code="UPSERT",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    verbs=INSERTS,
    enabled=False,
    title=Text(
        zh="冲突时更新",
        en="Update on conflict",
    ),
    message=Text(
        zh="插入 {detail} 遇到冲突时会改为更新，影响哪些行无法事先确定，请确认。",
        en=(
            "On conflict the INSERT into {detail} becomes an UPDATE, so that the rows it reaches aren't "
            "known beforehand. Make sure that this is meant."
        ),
    ),
    why=Text(
        zh="有多个唯一键时可能更新到意料之外的行，也无法自动撤销。",
        en="With several unique keys it may update a row nobody thought of, and no undo can be made.",
    ),
    fails=(
        Example("INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE b = 2", families=("mysql",)),
        Example(
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2",
            families=("postgresql", "sqlite"),
        ),
    ),
    passes=(Example("INSERT INTO t (a) VALUES (1)"),),
)
