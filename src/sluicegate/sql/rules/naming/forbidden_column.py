"""COLUMN_NAME_FORBIDDEN: column names that a team doesn't want."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN
from sluicegate.sql.rules.names import COLUMN, names


def check(subject: Subject, options: Options) -> Iterator[Note]:
    patterns = tuple(pattern.lower() for pattern in options.words("columns"))
    for named in names(subject, COLUMN):
        if any(fnmatchcase(named.name.lower(), pattern) for pattern in patterns):
            yield Note("COLUMN_NAME_FORBIDDEN", named.at, named.name)


RULE = Rule(
    id="NAM020",
    code="COLUMN_NAME_FORBIDDEN",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(
        Parameter(
            "columns",
            (
                "uid",
                "flag",
                "data",
                "value",
                "key",
                "type1",
            ),
            Text(zh="禁止使用的列名（可用 *）", en="Column names that are forbidden (* stands for anything)"),
        ),
    ),
    title=Text(zh="禁用的列名", en="Forbidden column name"),
    message=Text(
        zh="列名 {detail} 在禁用清单中（{columns}）。请改用能说明含义的名称。",
        en="The column name {detail} is on the list of forbidden ones ({columns}). Choose one that says what it holds.",
    ),
    why=Text(
        zh="含义不清或与公司约定冲突的列名会误导使用者；清单由策略规定。",
        en="Names that say nothing or clash with agreements mislead people. The list is the policy's.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT, flag INT)"),
        Example("ALTER TABLE t ADD COLUMN Data INT"),
        Example("CREATE TABLE t (ext1 INT)", options={"columns": ("ext*",)}),
    ),
    passes=(
        Example("CREATE TABLE t (id INT, is_paid INT)"),
        Example("ALTER TABLE t DROP COLUMN flag"),
    ),
)
