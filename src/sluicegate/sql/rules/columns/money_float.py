"""MONEY_AS_FLOAT: amounts of money don't fit into binary fractions."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, columns
from sluicegate.sql.rules.types import Values, values


def check(subject: Subject, options: Options) -> Iterator[Note]:
    for column in columns(subject):
        if column.type is None or values(column.type) is not Values.APPROXIMATE:
            continue
        if any(fnmatchcase(column.name.lower(), pattern) for pattern in options.words("names")):
            yield Note("MONEY_AS_FLOAT", column.at, column.name, params={"type": str(column.type)})


RULE = Rule(
    id="COL011",
    code="MONEY_AS_FLOAT",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    parameters=(
        Parameter(
            "names",
            (
                "*price*",
                "*amount*",
                "*money*",
                "*cost*",
                "*fee*",
                "*balance*",
                "*salary*",
                "*payment*",
            ),
            Text(
                zh="视为金额的列名模式（* 表示所有列）",
                en="Patterns of names that hold amounts (* for every column)",
            ),
        ),
    ),
    title=Text(zh="金额使用浮点数", en="Amount as a floating-point number"),
    message=Text(
        zh="列 {detail} 像是金额，却使用 {type}，计算会有误差。请改用 DECIMAL，或以分为单位的整数。",
        en="Column {detail} looks like an amount, but {type} can't hold it exactly. Use DECIMAL, or count cents in an integer.",
    ),
    why=Text(
        zh="浮点数不能精确表示 0.1，求和与比较都会出错，对账时才被发现。",
        en="Such numbers can't hold 0.1 exactly: sums and comparisons go wrong, and the books don't balance.",
    ),
    fails=(
        Example("CREATE TABLE t (price REAL)"),
        Example("ALTER TABLE t ADD COLUMN total_amount DOUBLE PRECISION"),
        Example("CREATE TABLE t (x REAL)", options={"names": ("*",)}),
    ),
    passes=(Example("CREATE TABLE t (price DECIMAL(10,2), ratio REAL)"),),
)
