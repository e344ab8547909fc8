"""REINDEX_NOT_CONCURRENT: REINDEX locks what it rebuilds."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import POSTGRESQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.locks.size import existing
from sluicegate.sql.structure.definitions import Maintenance


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if not isinstance(structure, Maintenance) or structure.operation != "REINDEX" or structure.concurrently:
        return
    for ref in structure.refs:
        table = (subject.script.walk.table_of_index(ref) or ref) if ref.type == "index" else ref
        if table.type in ("table", "index") and (table.type == "index" or existing(subject, table)):
            yield Note("REINDEX_NOT_CONCURRENT", structure.at, ref.name)


RULE = Rule(
    id="PGL012",
    code="REINDEX_NOT_CONCURRENT",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({POSTGRESQL}),
    structures=(Maintenance,),
    title=Text(zh="重建索引未用 CONCURRENTLY", en="REINDEX without CONCURRENTLY"),
    message=Text(
        zh="重建 {detail} 的索引期间不能写入，用到该索引的查询也要等待。请用 REINDEX … CONCURRENTLY（PostgreSQL 12 起）。",
        en="While {detail} is rebuilt nobody can write, and queries that use the index wait. Use REINDEX … CONCURRENTLY (since PostgreSQL 12).",
    ),
    why=Text(
        zh="普通的 REINDEX 持有 SHARE 锁，并对索引加 ACCESS EXCLUSIVE 锁。",
        en="A plain REINDEX holds a SHARE lock on the table and an ACCESS EXCLUSIVE one on the index.",
    ),
    fails=(
        Example("REINDEX TABLE t"),
        Example("REINDEX INDEX i"),
    ),
    passes=(
        Example("REINDEX TABLE CONCURRENTLY t"),
        Example("CREATE TABLE t (id bigint PRIMARY KEY, a int, b varchar(20));\nREINDEX TABLE t"),
    ),
)
