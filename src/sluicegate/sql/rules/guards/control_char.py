"""CONTROL_CHAR: control characters and line ends that programs disagree about: the reader sees other lines than the server.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Example, Rule, Text

RULE = Rule(
    id="LEX002",
    code="CONTROL_CHAR",
    severity=Severity.BLOCK,
    title=Text(zh="控制字符", en="Control characters"),
    message=Text(
        zh="含有控制字符或特殊换行符 {detail}，看到的行与数据库理解的行可能不同。请删除它。",
        en="Holds the control character or unusual line end {detail}: the lines you see may not be the database's. Remove it.",
    ),
    why=Text(
        zh="各种程序对控制字符和特殊换行符的理解不同：审批人看到的两行，数据库可能当作一行注释。",
        en="Programs disagree about control characters and unusual line ends: what the approver sees as two lines may be one comment to the database.",
    ),
    fails=(Example("UPDATE users SET a = 1\x08 WHERE id = 1"),),
    passes=(Example("UPDATE users\n\tSET a = 1\r\n WHERE id = 1"),),
)
