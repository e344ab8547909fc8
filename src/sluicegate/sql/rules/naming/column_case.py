"""COLUMN_NAME_CASE: columns in one case.

Carries over CloudDM's column_008.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.names import CASE, COLUMN, NAMED_IN, has_case, names


def check(subject: Subject, options: Options) -> Iterator[Note]:
    case = options.word("case")
    for named in names(subject, COLUMN):
        if not has_case(named.name, case):
            yield Note("COLUMN_NAME_CASE", named.at, named.name)


RULE = Rule(
    id="NAM003",
    code="COLUMN_NAME_CASE",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    enabled=False,
    parameters=(CASE,),
    title=Text(zh="列名大小写", en="Case of column names"),
    message=Text(
        zh="列名 {detail} 不符合大小写规定（{case}）。请统一大小写后重新提交。",
        en="The column name {detail} isn't in {case} case as agreed. Write it so.",
    ),
    why=Text(
        zh="名称大小写混用时，同一条 SQL 在区分大小写的系统（如 Linux 上的 MySQL）上会找不到对象，PostgreSQL 中还必须处处加引号。",
        en="With mixed case the same SQL fails where names are case-sensitive (MySQL on Linux), and in PostgreSQL every use needs quotes.",
    ),
    fails=(
        Example(
            "CREATE TABLE t (Id INT)",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example('CREATE TABLE t ("Id" INT)', families=("postgresql",)),
        Example(
            "ALTER TABLE t ADD COLUMN userName INT",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example('ALTER TABLE t ADD COLUMN "userName" INT', families=("postgresql",)),
        Example(
            "ALTER TABLE t RENAME COLUMN a TO B",
            families=(
                "mysql",
                "sqlite",
            ),
        ),
        Example("ALTER TABLE t CHANGE a B INT", families=("mysql",)),
    ),
    passes=(
        Example("CREATE TABLE T (id INT, user_name INT)"),
        Example("ALTER TABLE t MODIFY Id BIGINT", families=("mysql",)),
        Example("ALTER TABLE t CHANGE Id id BIGINT", families=("mysql",)),
        Example("ALTER TABLE t ALTER COLUMN id TYPE BIGINT", families=("postgresql",)),
        Example("ALTER TABLE t ADD COLUMN a INT", families=("sqlite",)),
    ),
)
