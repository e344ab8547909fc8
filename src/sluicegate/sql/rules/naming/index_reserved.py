"""INDEX_NAME_RESERVED: reserved words as index names."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.names import INDEX, NAMED_IN, names
from sluicegate.sql.rules.reserved import is_reserved


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for named in names(subject, INDEX):
        if is_reserved(named.name, subject.family):
            yield Note("INDEX_NAME_RESERVED", named.at, named.name)


RULE = Rule(
    id="NAM009",
    code="INDEX_NAME_RESERVED",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    enabled=False,
    title=Text(zh="索引名使用保留字", en="Reserved word as index name"),
    message=Text(
        zh="索引名 {detail} 是数据库的保留字，每次使用都必须加引号，否则语法报错。请换一个名称。",
        en="The index name {detail} is a reserved word: every use needs quotes, or it is a syntax error. Choose another.",
    ),
    why=Text(
        zh="漏写引号的 SQL 会直接失败，许多工具和 ORM 也不会自动加引号；升级数据库后保留字还会增加。",
        en="SQL without the quotes fails, many tools don't add them, and newer servers reserve more words.",
    ),
    fails=(
        Example(
            "CREATE INDEX `group` ON t (a)",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example(
            'CREATE INDEX "group" ON t (a)',
            families=(
                "postgresql",
                "sqlite",
            ),
        ),
    ),
    passes=(Example("CREATE INDEX idx_group ON t (a)"),),
)
