"""FOREIGN_KEY_PREFIX: how names of foreign keys begin."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, foreign_keys


def check(subject: Subject, options: Options) -> Iterator[Note]:
    prefixes = options.words("prefixes")
    for found in foreign_keys(subject):
        if found.name and not found.name.lower().startswith(prefixes):
            yield Note("FOREIGN_KEY_PREFIX", found.at, found.name)


RULE = Rule(
    id="NAM015",
    code="FOREIGN_KEY_PREFIX",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    enabled=False,
    parameters=(Parameter("prefixes", ("fk_",), Text(zh="允许的前缀", en="Prefixes that are allowed")),),
    title=Text(zh="外键名前缀", en="Prefix of foreign keys"),
    message=Text(
        zh="外键名 {detail} 没有规定的前缀（{prefixes}）。请按规定命名。",
        en="The name {detail} doesn't begin as agreed for foreign keys ({prefixes}). Name it so.",
    ),
    why=Text(
        zh="统一的前缀让人在执行计划和报错信息中一眼认出对象的种类。",
        en="With agreed prefixes one sees in plans and error messages at once what a name stands for.",
    ),
    fails=(
        Example("CREATE TABLE t (a INT, CONSTRAINT a_ref FOREIGN KEY (a) REFERENCES o (a))"),
        Example(
            "ALTER TABLE t ADD CONSTRAINT a_ref FOREIGN KEY (a) REFERENCES o (a)",
            families=(
                "mysql",
                "postgresql",
            ),
        ),
    ),
    passes=(
        Example("CREATE TABLE t (a INT, CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES o (a))"),
        Example("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES o (a))"),
    ),
)
