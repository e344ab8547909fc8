"""PRIMARY_KEY_NOT_NUMBERED: primary keys that the server numbers."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = whole(subject.structure)
    key = None if table is None else table.primary_key
    if table is None or key is None:
        return

    if len(key.columns) == 1:
        column = table.column(key.columns[0])
        if column is not None and not (column.auto_increment or column.identity or column.serial):
            yield Note("PRIMARY_KEY_NOT_NUMBERED", column.at, column.name)


RULE = Rule(
    id="IDX012",
    code="PRIMARY_KEY_NOT_NUMBERED",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL, POSTGRESQL}),
    structures=(CreateTable,),
    enabled=False,
    title=Text(zh="主键不是自增", en="Primary key without automatic numbers"),
    message=Text(
        zh="主键列 {detail} 不是自增的。请使用自增主键。",
        en="The primary key's column {detail} isn't numbered automatically. Let the server number it.",
    ),
    why=Text(
        zh="随机写入的主键会让 InnoDB 频繁分裂页，插入变慢、空间碎片变多。",
        en="Keys in random order make InnoDB split pages, so that inserts slow down and space is lost.",
    ),
    fails=(Example("CREATE TABLE t (id BIGINT PRIMARY KEY)"),),
    passes=(
        Example("CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY)", families=("mysql",)),
        Example("CREATE TABLE t (id BIGSERIAL PRIMARY KEY)", families=("postgresql",)),
        Example("CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b))"),
    ),
)
