"""TABLE_NAME_CASE: tables in one case.

Carries over CloudDM's table_003.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.names import CASE, NAMED_IN, TABLE, has_case, names


def check(subject: Subject, options: Options) -> Iterator[Note]:
    case = options.word("case")
    for named in names(subject, TABLE):
        if not has_case(named.name, case):
            yield Note("TABLE_NAME_CASE", named.at, named.name)


RULE = Rule(
    id="NAM002",
    code="TABLE_NAME_CASE",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    enabled=False,
    parameters=(CASE,),
    title=Text(zh="表名大小写", en="Case of table names"),
    message=Text(
        zh="表名 {detail} 不符合大小写规定（{case}）。请统一大小写后重新提交。",
        en="The table name {detail} isn't in {case} case as agreed. Write it so.",
    ),
    why=Text(
        zh="名称大小写混用时，同一条 SQL 在区分大小写的系统（如 Linux 上的 MySQL）上会找不到对象，PostgreSQL 中还必须处处加引号。",
        en="With mixed case the same SQL fails where names are case-sensitive (MySQL on Linux), and in PostgreSQL every use needs quotes.",
    ),
    fails=(
        Example(
            "CREATE TABLE Orders (id INT)",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example('CREATE TABLE "Orders" (id INT)', families=("postgresql",)),
        Example("RENAME TABLE orders TO ORDERS2", families=("mysql",)),
        Example(
            "ALTER TABLE orders RENAME TO Orders2",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example('ALTER TABLE orders RENAME TO "Orders2"', families=("postgresql",)),
    ),
    passes=(
        Example("CREATE TABLE orders (Id INT)"),
        Example("ALTER TABLE Orders ADD COLUMN x INT"),
        Example(
            "CREATE TABLE ORDERS (id INT)",
            families=(
                "mysql",
                "sqlite",
            ),
            options={"case": "upper"},
        ),
    ),
)
