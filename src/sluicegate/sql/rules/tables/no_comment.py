"""TABLE_COMMENT_MISSING: tables say what they are for.

Carries over CloudDM's table_004.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    table = whole(structure)
    if (
        table is not None
        and isinstance(structure, CreateTable)
        and not table.options.get("COMMENT", "").strip()
    ):
        yield Note("TABLE_COMMENT_MISSING", structure.at, table.ref.name)


RULE = Rule(
    id="TAB002",
    code="TABLE_COMMENT_MISSING",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(CreateTable,),
    enabled=False,
    title=Text(zh="表缺少注释", en="Table without a comment"),
    message=Text(
        zh="表 {detail} 没有注释。请用 COMMENT='…' 说明它的用途。",
        en="Table {detail} has no comment. Say by COMMENT='…' what it is for.",
    ),
    why=Text(
        zh="注释是最不容易丢失的文档，接手的人和数据平台都要靠它理解表的含义。",
        en="A comment is the documentation that doesn't get lost, for those who come later and for catalogues of data.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT)"),
        Example("CREATE TABLE t (id INT) COMMENT=''"),
    ),
    passes=(
        Example("CREATE TABLE t (id INT) COMMENT='orders'"),
        Example("CREATE TABLE t LIKE o"),
    ),
)
