"""NAME_NOT_ASCII: letters beyond ASCII in names."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.names import NAMED_IN, names


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    for named in names(subject):
        if not named.name.isascii():
            yield Note("NAME_NOT_ASCII", named.at, named.name)


RULE = Rule(
    id="NAM011",
    code="NAME_NOT_ASCII",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    structures=NAMED_IN,
    enabled=False,
    title=Text(zh="名称含非 ASCII 字符", en="Letters beyond ASCII in a name"),
    message=Text(
        zh="名称 {detail} 含有非 ASCII 字符。请使用英文字母、数字和下划线。",
        en="The name {detail} has letters beyond ASCII in it. Use English letters, digits and underscores.",
    ),
    why=Text(
        zh="客户端字符集不一致时，这样的名称会变成乱码而找不到对象；导出、迁移工具也常常不支持。",
        en="With another character set on the client such names turn into garbage and aren't found, and many tools for export and migration can't cope.",
    ),
    fails=(
        Example("CREATE TABLE 订单 (id INT)"),
        Example("ALTER TABLE t ADD COLUMN 价格 INT"),
        Example("CREATE INDEX 索引 ON t (a)"),
    ),
    passes=(
        Example("CREATE TABLE orders (id INT)"),
        Example("CREATE TABLE t (a VARCHAR(9) DEFAULT '中文')"),
    ),
)
