"""TABLE_NAME_RESERVED: reserved words as table names.

Carries over CloudDM's table_006.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.names import NAMED_IN, TABLE, names
from sluicegate.sql.rules.reserved import is_reserved


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for named in names(subject, TABLE):
        if is_reserved(named.name, subject.family):
            yield Note("TABLE_NAME_RESERVED", named.at, named.name)


RULE = Rule(
    id="NAM007",
    code="TABLE_NAME_RESERVED",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    title=Text(zh="表名使用保留字", en="Reserved word as table name"),
    message=Text(
        zh="表名 {detail} 是数据库的保留字，每次使用都必须加引号，否则语法报错。请换一个名称。",
        en="The table name {detail} is a reserved word: every use needs quotes, or it is a syntax error. Choose another.",
    ),
    why=Text(
        zh="漏写引号的 SQL 会直接失败，许多工具和 ORM 也不会自动加引号；升级数据库后保留字还会增加。",
        en="SQL without the quotes fails, many tools don't add them, and newer servers reserve more words.",
    ),
    fails=(
        Example(
            "CREATE TABLE `order` (id INT)",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example(
            'CREATE TABLE "order" (id INT)',
            families=(
                "postgresql",
                "sqlite",
            ),
        ),
        Example("CREATE TABLE `rank` (id INT)", families=("mysql",)),
        Example('CREATE TABLE "user" (id INT)', families=("postgresql",)),
        Example(
            'ALTER TABLE t RENAME TO "group"',
            families=(
                "postgresql",
                "sqlite",
            ),
        ),
    ),
    passes=(
        Example("CREATE TABLE orders (id INT)"),
        Example(
            "CREATE TABLE user (id INT)",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example(
            "DROP TABLE `order`",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
    ),
)
