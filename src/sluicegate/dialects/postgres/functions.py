"""PostgreSQL's functions: those that only compute (``functions.txt``), and those that do more.

A name in neither is somebody's own function, which may do anything; one that begins like the server's
own (pg_…) and isn't listed is taken for an administrative one.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from sluicegate.sql.grammar import Danger, Grammar
from sluicegate.sql.model import Severity
from sluicegate.sql.words import words

_BLOCK: Final = Severity.BLOCK


def _safe() -> frozenset[str]:
    text = files("sluicegate.dialects.postgres").joinpath("functions.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word.upper() for line in lines for word in line.split())


_BY_CODE: Final = {
    "FILE_READ": """PG_READ_FILE PG_READ_BINARY_FILE PG_STAT_FILE PG_LS_DIR PG_LS_LOGDIR PG_LS_WALDIR PG_LS_TMPDIR
        PG_LS_ARCHIVE_STATUSDIR PG_LS_LOGICALMAPDIR PG_LS_LOGICALSNAPDIR PG_LS_REPLSLOTDIR PG_LS_SUMMARIESDIR
        PG_CURRENT_LOGFILE PG_HBA_FILE_RULES PG_IDENT_FILE_MAPPINGS PG_SHOW_ALL_FILE_SETTINGS LO_IMPORT
        PG_FILE_READ PG_LOGDIR_LS""",
    "FILE_WRITE": "LO_EXPORT PG_FILE_WRITE PG_FILE_RENAME PG_FILE_UNLINK PG_FILE_SYNC",
    "DYNAMIC_SQL": """QUERY_TO_XML QUERY_TO_XMLSCHEMA QUERY_TO_XML_AND_XMLSCHEMA CURSOR_TO_XML CURSOR_TO_XMLSCHEMA
        TABLE_TO_XML TABLE_TO_XMLSCHEMA TABLE_TO_XML_AND_XMLSCHEMA SCHEMA_TO_XML SCHEMA_TO_XMLSCHEMA
        SCHEMA_TO_XML_AND_XMLSCHEMA DATABASE_TO_XML DATABASE_TO_XMLSCHEMA DATABASE_TO_XML_AND_XMLSCHEMA
        TS_STAT TS_REWRITE XPATH_TABLE CROSSTAB CROSSTABN CONNECTBY""",
    "SET_SESSION": "SET_CONFIG",
    "NON_TX": "SETVAL",
    "DOS": "PG_SLEEP PG_SLEEP_FOR PG_SLEEP_UNTIL",
    "INDIRECT": "PG_NOTIFY",
    "STORED_CODE": "CRON_SCHEDULE",
}
_DANGERS: Final = {name: Danger(code) for code, names in _BY_CODE.items() for name in names.split()}
# The first that fits counts.
_PREFIXES: Final = {
    "PG_ADVISORY_": Danger("LOCK_FUNC"),
    "PG_TRY_ADVISORY_": Danger("LOCK_FUNC"),
    "PG_LS_": Danger("FILE_READ"),
    "PG_READ_": Danger("FILE_READ"),
    "PG_FILE_": Danger("FILE_WRITE"),
    "PG_": Danger("ADMIN_FUNC"),
    "BINARY_UPGRADE_": Danger("ADMIN_FUNC"),
    "BRIN_": Danger("ADMIN_FUNC", Severity.ERROR),
    "GIN_": Danger("ADMIN_FUNC", Severity.ERROR),
    "LO_": Danger("ADMIN_FUNC"),
    "LOREAD": Danger("ADMIN_FUNC"),
    "LOWRITE": Danger("ADMIN_FUNC"),
    "DBLINK": Danger("NETWORK"),
    "POSTGRES_FDW_": Danger("NETWORK"),
    "HTTP_": Danger("NETWORK"),
    "URLENCODE": Danger("NETWORK"),
}

GRAMMAR: Final = Grammar(
    safe_functions=_safe(),
    dangers=_DANGERS,
    danger_prefixes=_PREFIXES,
    before_parenthesis=words(
        """
    ALL AND ANY AS BETWEEN BY CASE DISTINCT ELSE ESCAPE EXISTS FILTER FROM HAVING ILIKE IN INTERSECT IS
    JOIN LIKE LIMIT NOT OFFSET ON OR OVER OVERLAPS ROW SELECT SET SIMILAR SOME TO THEN UNION USING
    VALUES WHEN WHERE WITHIN GROUP ARRAY LATERAL ORDER PARTITION VARCHAR CHAR CHARACTER NUMERIC DECIMAL
    DEC FLOAT BIT VARYING TIME TIMESTAMP INTERVAL
    """
    ),
    qualifier="schema",
    builtin_schema="pg_catalog",
)

# Of the functions that only compute, those whose value may differ when the condition is read again.
VOLATILE: Final = words(
    """
    NOW RANDOM RANDOM_NORMAL SETSEED GEN_RANDOM_UUID UUIDV4 UUIDV7 CLOCK_TIMESTAMP TIMEOFDAY
    STATEMENT_TIMESTAMP TRANSACTION_TIMESTAMP NEXTVAL CURRVAL LASTVAL ARRAY_SAMPLE ARRAY_SHUFFLE
    CURRENT_QUERY CURRENT_SETTING PG_BACKEND_PID TXID_CURRENT PG_CURRENT_XACT_ID AGE UUID_GENERATE_V1
    UUID_GENERATE_V1MC UUID_GENERATE_V4 GEN_SALT GEN_RANDOM_BYTES CURRENT_USER SESSION_USER
    PG_RELATION_SIZE PG_TOTAL_RELATION_SIZE PG_TRIGGER_DEPTH TXID_CURRENT_IF_ASSIGNED
    PG_CURRENT_SNAPSHOT
    """
)
