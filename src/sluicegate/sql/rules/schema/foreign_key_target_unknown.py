"""FOREIGN_KEY_TARGET_UNKNOWN: a foreign key refers to a table or column that isn't there."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import SQLITE, STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import COLUMNS_IN, foreign_keys, table_of
from sluicegate.sql.rules.outcome import after
from sluicegate.sql.rules.schema.certain import absent, lacks, table
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    """SQLite looks only when rows are written, and MySQL not while foreign_key_checks is off."""
    if subject.script.variables.get("foreign_key_checks", "1").casefold() in ("0", "off", "false"):
        return
    structure = subject.structure
    if isinstance(structure, CreateTable) and structure.temporary:
        return
    severity = Severity.WARNING if subject.family == SQLITE else Severity.ERROR
    own = table_of(subject)
    for key in foreign_keys(subject):
        itself = own is not None and key.references.name.casefold() == own.name.casefold()
        if not itself and absent(subject, key.references):
            yield Note("FOREIGN_KEY_TARGET_UNKNOWN", key.at, key.references.name, severity)
            continue
        target = after(subject) if itself else table(subject, key.references)
        if target is None or not target.columns:
            continue
        for name in key.referenced:
            if lacks(subject, target, name):
                yield Note("FOREIGN_KEY_TARGET_UNKNOWN", key.at, f"{target.ref.name}.{name}", severity)


_SETUP = "CREATE TABLE p (id INT NOT NULL PRIMARY KEY); CREATE TABLE t (a INT)"
RULE = Rule(
    id="SCH007",
    code="FOREIGN_KEY_TARGET_UNKNOWN",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=COLUMNS_IN,
    title=Text(zh="外键引用的对象不存在", en="Foreign key to nowhere"),
    message=Text(
        zh="外键引用的 {detail} 不存在。请检查名称，或先建好被引用的表和列。",
        en="The foreign key refers to {detail}, which doesn't exist. Check the name, or create the other side first.",
    ),
    why=Text(
        zh="MySQL 和 PostgreSQL 会拒绝这样的外键；SQLite 能建成，但之后写入会失败。",
        en="MySQL and PostgreSQL refuse such a key. SQLite takes it, and then writing to the table fails.",
    ),
    fails=(
        Example("CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES x (id))", setup=_SETUP),
        Example("CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (x))", setup=_SETUP),
        Example(
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES x (id)",
            families=("mysql", "postgresql"),
            setup=_SETUP,
        ),
    ),
    passes=(
        Example("CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES x (id))"),
        Example("CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (id))", setup=_SETUP),
        Example(
            "CREATE TABLE c (id INT NOT NULL PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES c (id))",
            setup=_SETUP,
        ),
        Example(
            "SET foreign_key_checks = 0; CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES x (id))",
            families=("mysql",),
            setup=_SETUP,
        ),
    ),
)
