"""SET_LEXER: changes how the server reads what follows.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, Example, Rule, Text

RULE = Rule(
    id="SES002",
    code="SET_LEXER",
    severity=Severity.BLOCK,
    families=frozenset({MYSQL, POSTGRESQL}),
    title=Text(zh="改变语句的解析方式", en="Changing how statements are read"),
    message=Text(
        zh="{detail} 会改变数据库解析语句或字符的方式。连接已固定使用 utf8mb4 / UTF-8，请删除它。",
        en="{detail} changes how the database reads statements or characters. The connection is fixed to UTF-8: remove it.",
    ),
    why=Text(
        zh="字符集、转义方式等设置变了以后，后面的文本会被解析成另外的语句。",
        en="With another character set or way of escaping, the text that follows is read as other statements.",
    ),
    fails=(
        Example("SET NAMES gbk", families=("mysql",)),
        Example("SET standard_conforming_strings = off", families=("postgresql",)),
    ),
    passes=(Example("UPDATE orders SET total = 1 WHERE id = 1"),),
)
