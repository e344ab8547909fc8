"""How many rows a statement would change, by EXPLAIN, executing nothing.

The server refuses to EXPLAIN a change in a read-only transaction, and EXPLAIN itself can execute: MariaDB
runs a derived table's stored functions while it plans. So what is explained, in the read-only transaction,
is the query that finds the statement's rows; and nothing is explained that calls anything but the built-in
functions named here, or touches a view.
"""

from __future__ import annotations

from sluicegate.dialects.base import StatementFailed
from sluicegate.dialects.common import scan
from sluicegate.dialects.common.text import to_wire
from sluicegate.dialects.mysql import plans
from sluicegate.dialects.mysql.counting import Uncountable, counting
from sluicegate.dialects.mysql.errors import NO_RIGHT
from sluicegate.dialects.mysql.finding import finding_query
from sluicegate.dialects.mysql.hazards import hidden_hazard
from sluicegate.dialects.mysql.plan_blocks import Unread
from sluicegate.dialects.mysql.putting_together import limit_of, together
from sluicegate.dialects.mysql.variant import Variant
from sluicegate.dialects.mysql.wire import Wire
from sluicegate.sql.model import Access, Estimate, ImagePlan, Statement, StatementKind

EXPLAINED = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})

# What may stand before "(" and calls nothing: keywords and types.
_KEYWORDS = """
ALL AND ANY AS BETWEEN BINARY BY CASE CHAR CHARACTER DECIMAL DISTINCT DIV DATETIME DOUBLE ELSE EXISTS
FLOAT FROM GROUP HAVING IN INDEX INTERVAL INTO IS JOIN KEY LEFT LIKE LIMIT MATCH AGAINST NOT NUMERIC ON OR
ORDER REGEXP RIGHT RLIKE ROW SELECT SET SIGNED SOME STRAIGHT_JOIN THEN TIME TIMESTAMP UNION UNSIGNED
UPDATE USING VALUE VALUES VARCHAR WHEN WHERE XOR PARTITION DATE
"""
KEYWORDS = frozenset(_KEYWORDS.split())
# Built-in, without side effect, cheap. Not among them, on purpose: SLEEP, BENCHMARK, GET_LOCK and the
# like, LOAD_FILE, NEXTVAL, SETVAL, MASTER_POS_WAIT.
_BUILTINS = """
ABS ACOS ADDDATE ADDTIME ASCII ASIN ATAN ATAN2 AVG BIN BIT_AND BIT_COUNT BIT_LENGTH BIT_OR BIT_XOR CAST
CEIL CEILING CHARACTER_LENGTH CHARSET CHAR_LENGTH COALESCE CONCAT CONCAT_WS CONV CONVERT CONVERT_TZ COS
COT COUNT CRC32 CURDATE CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURTIME DATABASE DATEDIFF DATE_ADD
DATE_FORMAT DATE_SUB DAY DAYNAME DAYOFMONTH DAYOFWEEK DAYOFYEAR DEGREES DENSE_RANK ELT EXP EXTRACT FIELD
FIND_IN_SET FLOOR FORMAT FROM_BASE64 FROM_DAYS FROM_UNIXTIME GREATEST GROUP_CONCAT HEX HOUR IF IFNULL
INET6_ATON INET6_NTOA INET_ATON INET_NTOA INSTR ISNULL JSON_ARRAY JSON_ARRAYAGG JSON_CONTAINS
JSON_CONTAINS_PATH JSON_EXTRACT JSON_INSERT JSON_KEYS JSON_LENGTH JSON_MERGE_PATCH JSON_OBJECT JSON_QUOTE
JSON_REMOVE JSON_REPLACE JSON_SEARCH JSON_SET JSON_TYPE JSON_UNQUOTE JSON_VALID JSON_VALUE LAST_DAY LCASE
LEAST LENGTH LN LOCALTIME LOCALTIMESTAMP LOCATE LOG LOG10 LOG2 LOWER LPAD LTRIM MAKEDATE MAKETIME MAX MD5
MICROSECOND MID MIN MINUTE MOD MONTH MONTHNAME NOW NULLIF NVL OCT OCTET_LENGTH ORD PERIOD_ADD PERIOD_DIFF
PI POSITION POW POWER QUARTER QUOTE RADIANS RAND RANK REGEXP_INSTR REGEXP_LIKE REGEXP_REPLACE
REGEXP_SUBSTR REPEAT REPLACE REVERSE ROUND ROW_NUMBER RPAD RTRIM SCHEMA SECOND SEC_TO_TIME SHA SHA1 SHA2
SIGN SIN SOUNDEX SPACE SQRT STD STDDEV STRCMP STR_TO_DATE SUBDATE SUBSTR SUBSTRING SUBSTRING_INDEX SUBTIME
SUM SYSDATE TAN TIMEDIFF TIMESTAMPADD TIMESTAMPDIFF TIME_FORMAT TIME_TO_SEC TO_BASE64 TO_DAYS TO_SECONDS
TRIM TRUNCATE UCASE UNHEX UNIX_TIMESTAMP UPPER USER UTC_DATE UTC_TIME UTC_TIMESTAMP UUID VARIANCE WEEK
WEEKDAY WEEKOFYEAR YEAR YEARWEEK
"""
BUILTINS = frozenset(_BUILTINS.split())
# Their values differ from one run to the next.
CHANGING = frozenset({"RAND", "SYSDATE", "UUID"})
# The review account may be another one than the one that executes.
COUNTED = BUILTINS - CHANGING - {"USER"}
UNCOUNTED = frozenset({"@", "FOR", "LOCK", "CURRENT_USER", "CURRENT_ROLE"})


def estimate(wire: Wire, statement: Statement, variant: Variant) -> Estimate:
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
    hazard = hidden_hazard(parts)
    if hazard is not None:
        return Estimate(None, hazard)
    obstacle = _obstacle(wire, statement)
    if obstacle is not None:
        return Estimate(None, obstacle)
    query = finding_query(statement.text, statement.operation, parts)
    if query is None:
        return Estimate(None, "estimate_unclear")
    return _explain(wire, statement, query, parts, variant)


def count(
    wire: Wire, statement: Statement, plan: ImagePlan | None, seconds: float, *, mariadb: bool
) -> Estimate:
    """See ``Session.count``. What a sub-query locks (FOR UPDATE, LOCK IN SHARE MODE) even a read-only
    transaction would lock; user variables have their values in another session, and accounts their names."""
    try:
        parts = scan.tokens(statement.text, scan.MYSQL)
        asked = counting(wire, statement, plan, parts)
        run = scan.tokens(asked.text, scan.MYSQL)
    except (scan.Unclear, Uncountable):
        return Estimate(None, "estimate_not_counted")
    called = scan.calls(run, KEYWORDS)
    if (
        any(call.qualifier for call in called)
        or not {call.name for call in called} <= COUNTED
        or {token.text for token in run} & UNCOUNTED
        or hidden_hazard(run) is not None
        or _obstacle(wire, statement) is not None
    ):
        return Estimate(None, "estimate_not_counted")
    if mariadb:
        sql = f"SET STATEMENT max_statement_time = {seconds:.3f} FOR {asked.text}"
    else:
        limit = max(1, round(seconds * 1000))
        sql = asked.text.replace("SELECT", f"SELECT /*+ MAX_EXECUTION_TIME({limit}) */", 1)
    try:
        outcome = wire.message(to_wire(sql), keep=1)
    except StatementFailed as error:
        slow = error.code == "statement_timeout"
        return Estimate(None, "estimate_count_timeout" if slow else "estimate_not_counted")
    return Estimate(int(outcome.rows[0][0] or 0), "estimate_at_most" if asked.bound else None)


def _obstacle(wire: Wire, statement: Statement) -> str | None:
    """Why the statement isn't explained, unless every object is a base table as the server knows it: a view
    may hold functions. What isn't there, or not for this account, has no type."""
    if not statement.objects:
        return "estimate_has_view"
    for item in statement.objects:
        kind = wire.value(
            "SELECT table_type FROM information_schema.tables "
            "WHERE table_schema = COALESCE(%s, DATABASE()) AND table_name = %s",
            (item.database, item.name),
        )
        if kind != "BASE TABLE":
            return "estimate_refused" if kind is None else "estimate_has_view"
    return None


def _explain(
    wire: Wire, statement: Statement, query: str, parts: list[scan.Token], variant: Variant
) -> Estimate:
    asking = b"EXPLAIN FORMAT='tidb_json' " if variant.tidb else b"EXPLAIN FORMAT=JSON "
    try:
        outcome = wire.message(asking + to_wire(query), keep=1)
    except StatementFailed as error:
        denied = error.server_code.isdecimal() and int(error.server_code) in NO_RIGHT
        return Estimate(None, "estimate_no_privilege" if denied else "estimate_refused")
    cell = outcome.rows[0][0] if outcome.rows else None
    try:
        plan = plans.read(cell or b"")
    except Unread as unread:
        return Estimate(None, unread.reason)
    rows, bound = _changed_rows(wire, statement, plan, parts)
    return Estimate(rows, "estimate_at_most" if bound and rows else None, plan=plan.facts)


def _changed_rows(
    wire: Wire, statement: Statement, plan: plans.Plan, parts: list[scan.Token]
) -> tuple[int, bool]:
    """(rows, whether they are only the most there can be)"""
    rows, bound = plan.rows, plan.bound
    limit = limit_of(parts)
    if statement.operation in {"UPDATE", "DELETE"}:
        if plan.several:
            rows, several = _at_most_all(wire, statement, rows)
            bound = bound or several
    elif plan.blocks:
        put = together(parts)
        rows, bound = (1, put.fewer) if put.single else (rows, bound or put.fewer)
    if limit is not None and limit <= rows:
        return limit, bound and limit > 0
    return rows, bound


def _at_most_all(wire: Wire, statement: Statement, rows: int) -> tuple[int, bool]:
    """A join multiplies, but a row is changed once: no more of a table than it holds. Where several tables may
    be changed, by the columns named without their table, it is the most there can be."""
    changed = [item for item in statement.objects if item.access is Access.WRITE]
    if not changed:
        return rows, True
    held = [
        wire.value(
            "SELECT table_rows FROM information_schema.tables "
            "WHERE table_schema = COALESCE(%s, DATABASE()) AND table_name = %s",
            (item.database, item.name),
        )
        for item in changed
    ]
    return sum(rows if total is None else min(rows, int(total)) for total in held), len(changed) > 1
