"""TABLE_AUTO_INCREMENT_START: where numbering begins.

Carries over CloudDM's table_001 (``require``: the option must be there).
"""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Parameter, Rule, Subject, Text
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, options: Options) -> Iterator[Note]:
    structure = subject.structure
    table = whole(structure)
    if table is None or not isinstance(structure, CreateTable):
        return
    said = table.options.get("AUTO_INCREMENT")
    numbered = any(column.auto_increment for column in table.columns)
    if (said is None and numbered and options.flag("require")) or (
        said is not None and said != str(options.number("number"))
    ):
        yield Note("TABLE_AUTO_INCREMENT_START", structure.at, said or "-")


RULE = Rule(
    id="TAB004",
    code="TABLE_AUTO_INCREMENT_START",
    severity=Severity.INFO,
    check=check,
    families=frozenset({MYSQL}),
    structures=(CreateTable,),
    enabled=False,
    parameters=(
        Parameter(
            "require", False, Text(zh="是否必须写明自增初始值", en="Whether AUTO_INCREMENT must be said")
        ),
        Parameter("number", 1, Text(zh="自增初始值", en="Where numbering begins"), minimum=0),
    ),
    title=Text(zh="自增初始值", en="Start of AUTO_INCREMENT"),
    message=Text(
        zh="自增初始值为 {detail}，规定为 {number}。请改正建表语句。",
        en="AUTO_INCREMENT begins at {detail} instead of {number} as agreed. Correct the definition.",
    ),
    why=Text(
        zh="从线上导出的建表语句常带着当时的自增值，照搬会浪费编号，或让各环境不一致。",
        en="Definitions copied from a running server carry its counter along: numbers are wasted, and places differ.",
    ),
    fails=(
        Example("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=1000"),
        Example("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)", options={"require": True}),
    ),
    passes=(
        Example("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)"),
        Example("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=1"),
        Example("CREATE TABLE t (id INT)", options={"require": True}),
    ),
)
