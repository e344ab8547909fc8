"""PRIMARY_KEY_WIDE: how many columns a primary key may have."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, options: Options) -> Iterator[Note]:
    table = whole(subject.structure)
    key = None if table is None else table.primary_key
    if table is None or key is None:
        return

    if len(key.columns) > options.number("max"):
        yield Note("PRIMARY_KEY_WIDE", key.at, ", ".join(key.columns), params={"actual": len(key.columns)})


RULE = Rule(
    id="IDX013",
    code="PRIMARY_KEY_WIDE",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(CreateTable,),
    enabled=False,
    parameters=(Parameter("max", 3, Text(zh="最多列数", en="Most columns"), minimum=1),),
    title=Text(zh="主键列过多", en="Primary key of many columns"),
    message=Text(
        zh="主键由 {actual} 列组成（{detail}），超过规定的 {max} 列。请用单列主键，并为这些列建唯一索引。",
        en="The primary key has {actual} columns ({detail}), more than the {max} that are agreed. Use a key of one column, and a unique index on these.",
    ),
    why=Text(
        zh="InnoDB 的每个二级索引都带着主键，主键越宽，所有索引越大；外键和程序也更麻烦。",
        en="Every other index of InnoDB holds the primary key, and foreign keys and programs become clumsy.",
    ),
    fails=(Example("CREATE TABLE t (a INT, b INT, c INT, d INT, PRIMARY KEY (a, b, c, d))"),),
    passes=(Example("CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b))"),),
)
