"""ALIAS_KEYWORD: an alias that is a keyword of SQL. Carries over CloudDM's query_003."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import asked
from sluicegate.sql.rules.base import STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.structure.queries import Query
from sluicegate.sql.words import words

_KEYWORDS: Final = words(
    """
    ADD ALL ALTER ANALYZE AND AS ASC BETWEEN BY CASE CAST CHECK COLLATE COLUMN CONSTRAINT CREATE CROSS CURRENT_DATE
    CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE DATE DATETIME DAY DEFAULT DELETE DESC DESCRIBE DISTINCT DROP ELSE
    END EXCEPT EXISTS EXPLAIN FALSE FETCH FOR FOREIGN FROM FULL FUNCTION GRANT GROUP HAVING HOUR IF IN INDEX INNER INSERT
    INTERSECT INTERVAL INTO IS JOIN KEY LEFT LIKE LIMIT LOCK MATCH MINUTE MONTH NATURAL NOT NULL OFFSET ON OR ORDER OUTER
    PARTITION PRIMARY PROCEDURE RANGE RANK READ REFERENCES RENAME REPLACE RETURNING REVOKE RIGHT ROW ROWS SCHEMA SECOND
    SELECT SESSION SET TABLE THEN TIME TIMESTAMP TO TRIGGER TRUE TRUNCATE UNION UNIQUE UPDATE USE USER USING VALUE VALUES
    VIEW WHEN WHERE WINDOW WITH WRITE YEAR
    """
)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    query = asked(subject)
    if query is None:
        return

    for select in query.selects:
        for item in select.items:
            if item.alias.upper() in _KEYWORDS:
                yield Note("ALIAS_KEYWORD", item.at, item.alias)
        for use in select.tables:
            if use.alias.upper() in _KEYWORDS:
                yield Note("ALIAS_KEYWORD", use.at, use.alias)


RULE = Rule(
    id="QRY002",
    code="ALIAS_KEYWORD",
    severity=Severity.WARNING,
    check=check,
    families=STRUCTURED,
    structures=(Query,),
    needs=("selects",),
    enabled=False,
    title=Text(
        zh="别名是关键字",
        en="Alias is a keyword",
    ),
    message=Text(
        zh="别名 {detail} 是 SQL 关键字，请换一个名字。",
        en="Alias {detail} is a keyword of SQL. Choose another name.",
    ),
    why=Text(
        zh="用关键字作别名必须加引号，漏掉引号语句就会出错，换一种数据库也可能无法执行。",
        en=(
            "A keyword needs quotes wherever it is used; without them the statement fails, perhaps only "
            "on another server."
        ),
    ),
    fails=(
        Example('SELECT a AS "order" FROM t', families=("postgresql", "sqlite")),
        Example("SELECT a AS `order` FROM t", families=("mysql",)),
        Example("SELECT a AS year FROM t"),
    ),
    passes=(Example("SELECT a AS total, b amount FROM t AS x"),),
)
