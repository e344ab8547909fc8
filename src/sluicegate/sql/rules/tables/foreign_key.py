"""FOREIGN_KEY_USED: foreign keys that a team doesn't want.

Carries over CloudDM's const_001.
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, foreign_keys


def check(subject: Subject, options: Options) -> Iterator[Note]:
    if options.flag("allow"):
        return
    for key in foreign_keys(subject):
        yield Note("FOREIGN_KEY_USED", key.at, key.references.name)


RULE = Rule(
    id="TAB020",
    code="FOREIGN_KEY_USED",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(Parameter("allow", False, Text(zh="是否允许外键", en="Whether foreign keys are allowed")),),
    title=Text(zh="使用外键", en="Foreign key"),
    message=Text(
        zh="定义了引用 {detail} 的外键，本策略不允许。请由程序保证数据一致。",
        en="Defines a foreign key to {detail}, which this policy doesn't allow. Let the program keep the data consistent.",
    ),
    why=Text(
        zh="外键在高并发写入时带来额外的锁和检查，也妨碍分库分表和在线改表；不少团队因此约定不用。",
        en="Foreign keys mean more locks and checks under load, and hinder sharding and online changes: many teams agree not to use them.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES o (a))"),
        Example("CREATE TABLE t (a INT REFERENCES o (a))"),
        Example(
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES o (a)",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
        Example("ALTER TABLE t ADD COLUMN b INT REFERENCES o (a)"),
    ),
    passes=(
        Example("CREATE TABLE t (a INT)"),
        Example("CREATE TABLE t (a INT REFERENCES o (a))", options={"allow": True}),
    ),
)
