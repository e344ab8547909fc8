"""How many rows a statement would change, by EXPLAIN, executing nothing.

EXPLAIN itself can execute: MariaDB runs a derived table's stored functions while it plans. So a statement
that calls anything but the built-in functions named here, or touches a view, isn't explained at all; the
read-only transaction around it is the last line only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from sluicegate.dialects.base import StatementFailed
from sluicegate.dialects.common import scan
from sluicegate.dialects.common.text import to_wire
from sluicegate.dialects.mysql.wire import Wire
from sluicegate.sql.model import Estimate, Statement, StatementKind

EXPLAINED = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})

# What may stand before "(" and calls nothing: keywords and types.
KEYWORDS = frozenset(
    [
        "ALL",
        "AND",
        "ANY",
        "AS",
        "BETWEEN",
        "BINARY",
        "BY",
        "CASE",
        "CHAR",
        "CHARACTER",
        "DECIMAL",
        "DISTINCT",
        "DIV",
        "DATETIME",
        "DOUBLE",
        "ELSE",
        "EXISTS",
        "FLOAT",
        "FROM",
        "GROUP",
        "HAVING",
        "IN",
        "INDEX",
        "INTERVAL",
        "INTO",
        "IS",
        "JOIN",
        "KEY",
        "LEFT",
        "LIKE",
        "LIMIT",
        "MATCH",
        "AGAINST",
        "NOT",
        "NUMERIC",
        "ON",
        "OR",
        "ORDER",
        "REGEXP",
        "RIGHT",
        "RLIKE",
        "ROW",
        "SELECT",
        "SET",
        "SIGNED",
        "SOME",
        "STRAIGHT_JOIN",
        "THEN",
        "TIME",
        "TIMESTAMP",
        "UNION",
        "UNSIGNED",
        "UPDATE",
        "USING",
        "VALUE",
        "VALUES",
        "VARCHAR",
        "WHEN",
        "WHERE",
        "XOR",
        "PARTITION",
        "DATE",
    ]
)
# Built-in, without side effect, cheap. Not among them, on purpose: SLEEP, BENCHMARK, GET_LOCK and the
# like, LOAD_FILE, NEXTVAL, SETVAL, MASTER_POS_WAIT.
BUILTINS = frozenset(
    [
        "ABS",
        "ACOS",
        "ADDDATE",
        "ADDTIME",
        "ASCII",
        "ASIN",
        "ATAN",
        "ATAN2",
        "AVG",
        "BIN",
        "BIT_AND",
        "BIT_COUNT",
        "BIT_LENGTH",
        "BIT_OR",
        "BIT_XOR",
        "CAST",
        "CEIL",
        "CEILING",
        "CHARACTER_LENGTH",
        "CHARSET",
        "CHAR_LENGTH",
        "COALESCE",
        "CONCAT",
        "CONCAT_WS",
        "CONV",
        "CONVERT",
        "CONVERT_TZ",
        "COS",
        "COT",
        "COUNT",
        "CRC32",
        "CURDATE",
        "CURRENT_DATE",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "CURTIME",
        "DATABASE",
        "DATEDIFF",
        "DATE_ADD",
        "DATE_FORMAT",
        "DATE_SUB",
        "DAY",
        "DAYNAME",
        "DAYOFMONTH",
        "DAYOFWEEK",
        "DAYOFYEAR",
        "DEGREES",
        "DENSE_RANK",
        "ELT",
        "EXP",
        "EXTRACT",
        "FIELD",
        "FIND_IN_SET",
        "FLOOR",
        "FORMAT",
        "FROM_BASE64",
        "FROM_DAYS",
        "FROM_UNIXTIME",
        "GREATEST",
        "GROUP_CONCAT",
        "HEX",
        "HOUR",
        "IF",
        "IFNULL",
        "INET6_ATON",
        "INET6_NTOA",
        "INET_ATON",
        "INET_NTOA",
        "INSTR",
        "ISNULL",
        "JSON_ARRAY",
        "JSON_ARRAYAGG",
        "JSON_CONTAINS",
        "JSON_CONTAINS_PATH",
        "JSON_EXTRACT",
        "JSON_INSERT",
        "JSON_KEYS",
        "JSON_LENGTH",
        "JSON_MERGE_PATCH",
        "JSON_OBJECT",
        "JSON_QUOTE",
        "JSON_REMOVE",
        "JSON_REPLACE",
        "JSON_SEARCH",
        "JSON_SET",
        "JSON_TYPE",
        "JSON_UNQUOTE",
        "JSON_VALID",
        "JSON_VALUE",
        "LAST_DAY",
        "LCASE",
        "LEAST",
        "LENGTH",
        "LN",
        "LOCALTIME",
        "LOCALTIMESTAMP",
        "LOCATE",
        "LOG",
        "LOG10",
        "LOG2",
        "LOWER",
        "LPAD",
        "LTRIM",
        "MAKEDATE",
        "MAKETIME",
        "MAX",
        "MD5",
        "MICROSECOND",
        "MID",
        "MIN",
        "MINUTE",
        "MOD",
        "MONTH",
        "MONTHNAME",
        "NOW",
        "NULLIF",
        "NVL",
        "OCT",
        "OCTET_LENGTH",
        "ORD",
        "PERIOD_ADD",
        "PERIOD_DIFF",
        "PI",
        "POSITION",
        "POW",
        "POWER",
        "QUARTER",
        "QUOTE",
        "RADIANS",
        "RAND",
        "RANK",
        "REGEXP_INSTR",
        "REGEXP_LIKE",
        "REGEXP_REPLACE",
        "REGEXP_SUBSTR",
        "REPEAT",
        "REPLACE",
        "REVERSE",
        "ROUND",
        "ROW_NUMBER",
        "RPAD",
        "RTRIM",
        "SCHEMA",
        "SECOND",
        "SEC_TO_TIME",
        "SHA",
        "SHA1",
        "SHA2",
        "SIGN",
        "SIN",
        "SOUNDEX",
        "SPACE",
        "SQRT",
        "STD",
        "STDDEV",
        "STRCMP",
        "STR_TO_DATE",
        "SUBDATE",
        "SUBSTR",
        "SUBSTRING",
        "SUBSTRING_INDEX",
        "SUBTIME",
        "SUM",
        "SYSDATE",
        "TAN",
        "TIMEDIFF",
        "TIMESTAMPADD",
        "TIMESTAMPDIFF",
        "TIME_FORMAT",
        "TIME_TO_SEC",
        "TO_BASE64",
        "TO_DAYS",
        "TO_SECONDS",
        "TRIM",
        "TRUNCATE",
        "UCASE",
        "UNHEX",
        "UNIX_TIMESTAMP",
        "UPPER",
        "USER",
        "UTC_DATE",
        "UTC_TIME",
        "UTC_TIMESTAMP",
        "UUID",
        "VARIANCE",
        "WEEK",
        "WEEKDAY",
        "WEEKOFYEAR",
        "YEAR",
        "YEARWEEK",
    ]
)
# Parts of a plan that feed the rows of the query block; what else is in it ("subqueries", "materialized",
# "query_specifications") is counted inside the table that uses it.
FEEDING = ("nested_loop", "buffer", "filesort", "temporary_table", "block-nl-join", "ordering_operation",
           "grouping_operation", "duplicates_removal", "read_sorted_file", "sort_file", "insert_from")  # fmt: skip


def estimate(wire: Wire, statement: Statement) -> Estimate:
    """See ``Session.estimate``."""
    if statement.kind is StatementKind.QUERY and statement.operation == "SELECT":
        return Estimate(0)  # it changes nothing
    if statement.kind is not StatementKind.DML or statement.operation not in EXPLAINED:
        return Estimate(None, "estimate_unsupported")
    try:
        parts = scan.tokens(statement.text, scan.MYSQL)
    except scan.Unclear:
        return Estimate(None, "estimate_unclear")
    if not parts or parts[0].text != statement.operation:
        return Estimate(None, "estimate_unclear")
    if statement.operation in {"INSERT", "REPLACE"}:
        tuples = scan.values_tuples(parts)
        if tuples is not None:
            return Estimate(tuples)
    if any(call.qualifier or call.name not in BUILTINS for call in scan.calls(parts, KEYWORDS)):
        return Estimate(None, "estimate_has_function")
    if not _only_tables(wire, statement):
        return Estimate(None, "estimate_has_view")
    return _explain(wire, statement, _trailing_limit(parts))


def _only_tables(wire: Wire, statement: Statement) -> bool:
    """Every object is a base table as the server knows it: a view may hold functions."""
    if not statement.objects:
        return False
    for item in statement.objects:
        kind = wire.value(
            "SELECT table_type FROM information_schema.tables "
            "WHERE table_schema = COALESCE(%s, DATABASE()) AND table_name = %s",
            (item.database, item.name),
        )
        if kind != "BASE TABLE":
            return False
    return True


def _explain(wire: Wire, statement: Statement, limit: int | None) -> Estimate:
    try:
        outcome = wire.message(b"EXPLAIN FORMAT=JSON " + to_wire(statement.text), keep=1)
    except StatementFailed:
        return Estimate(None, "estimate_refused")
    cell = outcome.rows[0][0] if outcome.rows else None
    try:
        block = json.loads(cell or b"")["query_block"]
        rows = _rows(block)
    except (ValueError, KeyError, TypeError):
        return Estimate(None, "estimate_plan_unread")
    if rows is None:
        rows = _table_rows(wire, statement)
    if rows is None:
        return Estimate(None, "estimate_plan_unread")
    return Estimate(min(rows, limit) if limit is not None else rows)


def _rows(block: dict[str, Any]) -> int | None:
    """Rows that the block yields: None where the plan says only "all rows"."""
    product = 1.0
    seen = False
    for table in _tables(block):
        message = str(table.get("message", ""))
        if message == "Deleting all rows":
            return None
        if "rows_produced_per_join" in table:  # MySQL: the product up to this table
            product, seen = float(table["rows_produced_per_join"]), True
        elif "rows" in table or "rows_examined_per_scan" in table:
            rows = float(table.get("rows", table.get("rows_examined_per_scan", 0)))
            product, seen = product * rows * float(table.get("filtered", 100)) / 100, True
        elif message:  # Impossible WHERE, no matching row
            return 0
    if not seen:
        raise KeyError("rows")
    return math.ceil(product)


def _tables(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, list):
        for item in part:
            yield from _tables(item)
    elif isinstance(part, dict):
        table = part.get("table")
        # MySQL puts the changed table of INSERT … SELECT beside the query that feeds it.
        if isinstance(table, dict) and not table.get("insert"):
            yield table
        elif "message" in part and "table" not in part:
            yield part
        for name in FEEDING:
            if name in part:
                yield from _tables(part[name])


def _table_rows(wire: Wire, statement: Statement) -> int | None:
    if len(statement.objects) != 1:
        return None
    item = statement.objects[0]
    rows = wire.value(
        "SELECT table_rows FROM information_schema.tables "
        "WHERE table_schema = COALESCE(%s, DATABASE()) AND table_name = %s",
        (item.database, item.name),
    )
    return None if rows is None else int(rows)


def _trailing_limit(parts: list[scan.Token]) -> int | None:
    """n of ``… LIMIT n`` at the end of the statement."""
    tail = [token for token in parts if token.text != ";"]
    if len(tail) > 2 and tail[-2].text == "LIMIT" and tail[-2].depth == 0 and tail[-1].text.isdigit():
        return int(tail[-1].text)
    return None
