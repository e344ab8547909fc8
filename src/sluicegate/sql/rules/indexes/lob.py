"""INDEX_ON_LOB: TEXT, BLOB and JSON need the length of what is indexed."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import INDEXES_IN, indexes
from sluicegate.sql.rules.outcome import after
from sluicegate.sql.rules.types import Values, is_lob, values
from sluicegate.sql.structure.definitions import IndexKind


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    table = after(subject)
    for index in indexes(subject):
        if table is None or index.kind in (IndexKind.FULLTEXT, IndexKind.SPATIAL):
            continue
        for part in index.parts:
            column = table.column(part.column)
            if column is None or column.type is None or part.prefix is not None:
                continue
            if is_lob(column.type) or values(column.type) is Values.DOCUMENT:
                yield Note("INDEX_ON_LOB", index.at, column.name, params={"type": str(column.type)})


RULE = Rule(
    id="IDX005",
    code="INDEX_ON_LOB",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=INDEXES_IN,
    title=Text(zh="大字段索引缺少前缀长度", en="Index on TEXT or BLOB without a length"),
    message=Text(
        zh="列 {detail} 是 {type}，索引必须写明前缀长度，否则语句会失败。请写成 {detail}(20) 之类，或改用 VARCHAR。",
        en="Column {detail} is {type}: an index needs the length of its beginning, or the statement fails. Write {detail}(20) or so, or use VARCHAR.",
    ),
    why=Text(
        zh="MySQL 报错 1170（JSON 为 3152）；MariaDB 会自行截取前缀，唯一性只按前缀判断。",
        en="MySQL refuses it with error 1170 (JSON: 3152); MariaDB takes a beginning of its own choice.",
    ),
    fails=(
        Example("CREATE TABLE t (a TEXT, KEY (a))"),
        Example("CREATE INDEX i ON t (a)", setup="CREATE TABLE t (a BLOB)"),
        Example("ALTER TABLE t ADD a JSON, ADD INDEX (a)", setup="CREATE TABLE t (b INT)"),
    ),
    passes=(
        Example("CREATE TABLE t (a TEXT, KEY (a(20)), FULLTEXT (a))"),
        Example("CREATE INDEX i ON t (a)"),
    ),
)
