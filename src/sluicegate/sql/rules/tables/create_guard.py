"""CREATE_WITHOUT_IF_NOT_EXISTS: scripts that may run twice."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.definitions import CreateTable


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    structure = subject.structure
    if isinstance(structure, CreateTable) and not structure.if_not_exists and not structure.replaces:
        yield Note("CREATE_WITHOUT_IF_NOT_EXISTS", structure.at, structure.table.ref.name)


RULE = Rule(
    id="TAB016",
    code="CREATE_WITHOUT_IF_NOT_EXISTS",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=(CreateTable,),
    enabled=False,
    title=Text(zh="建表缺少 IF NOT EXISTS", en="CREATE TABLE without IF NOT EXISTS"),
    message=Text(
        zh="创建表 {detail} 时没有写 IF NOT EXISTS，重复执行会报错。请按规定加上。",
        en="Table {detail} is created without IF NOT EXISTS, so that a second run fails. Add it as agreed.",
    ),
    why=Text(
        zh="脚本在部分环境已执行过时，加上它可以安全重跑；但它也会掩盖结构不一致，是否要求由策略决定。",
        en="Where part of the script ran already, it can then run again. It also hides tables that differ: the policy decides.",
    ),
    fails=(Example("CREATE TABLE t (a INT)"),),
    passes=(Example("CREATE TABLE IF NOT EXISTS t (a INT)"),),
)
