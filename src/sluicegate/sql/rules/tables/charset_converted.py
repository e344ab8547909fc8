"""TABLE_CHARSET_CONVERTED: CONVERT TO rewrites every text of the table."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import MYSQL, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, table_of
from sluicegate.sql.rules.filled import is_empty, weight
from sluicegate.sql.structure.definitions import AlterTable, ConvertCharset


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    ref = table_of(subject)
    if ref is None or is_empty(subject, ref):
        return
    for action in actions(subject):
        if isinstance(action, ConvertCharset):
            yield Note("TABLE_CHARSET_CONVERTED", action.at, action.charset, weight(subject, ref))


RULE = Rule(
    id="TAB010",
    code="TABLE_CHARSET_CONVERTED",
    severity=Severity.WARNING,
    check=check,
    families=frozenset({MYSQL}),
    structures=(AlterTable,),
    title=Text(zh="转换表的字符集", en="Converting a table's character set"),
    message=Text(
        zh="转换为 {detail} 会重写整张表并在期间阻塞写入，索引长度也可能超限。请在低峰期执行，大表请用在线改表工具。",
        en="Converting to {detail} writes the whole table anew, and writes wait meanwhile; indexes may become too long. Do it in a quiet hour, large tables with an online tool.",
    ),
    why=Text(
        zh="转换要逐行重写文本；目标字符集装不下的字符会变成问号，每字符字节数变大时索引可能超过 3072 字节。",
        en="Every text is written anew; what the new set can't hold turns into question marks, and longer characters may exceed the 3072 bytes of an index.",
    ),
    fails=(
        Example("ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4"),
        Example("ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4", setup="CREATE TABLE t (a TEXT)", rows=1000),
    ),
    passes=(
        Example("ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4", setup="CREATE TABLE t (a TEXT)", rows=0),
        Example("CREATE TABLE t (a TEXT); ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4"),
    ),
)
