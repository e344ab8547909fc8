"""What an expression of PostgreSQL is worth: the same for all rows, or different from row to row."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.postgres.functions import GRAMMAR
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.tree import only, strings
from sluicegate.sql.structure.definitions import ExpressionKind
from sluicegate.sql.words import words

NOW: Final = words("NOW TRANSACTION_TIMESTAMP STATEMENT_TIMESTAMP")
# The functions that only compute and that pg_proc.provolatile calls volatile (PostgreSQL 18), and those of
# common extensions.
_VOLATILE: Final = words(
    """
    ARRAY_SAMPLE ARRAY_SHUFFLE BERNOULLI CLOCK_TIMESTAMP CURRENT_QUERY GEN_RANDOM_UUID PG_BLOCKING_PIDS
    PG_COLLATION_ACTUAL_VERSION PG_CURRENT_WAL_LSN PG_DATABASE_SIZE PG_INDEXES_SIZE PG_IS_IN_RECOVERY
    PG_PARTITION_ANCESTORS PG_PARTITION_TREE PG_RELATION_SIZE PG_SEQUENCE_LAST_VALUE PG_TABLE_SIZE
    PG_TABLESPACE_SIZE PG_TOTAL_RELATION_SIZE PG_XACT_COMMIT_TIMESTAMP PG_XACT_STATUS RANDOM RANDOM_NORMAL
    SETSEED SUPPRESS_REDUNDANT_UPDATES_TRIGGER SYSTEM TIMEOFDAY TSVECTOR_UPDATE_TRIGGER
    TSVECTOR_UPDATE_TRIGGER_COLUMN TS_REWRITE TXID_STATUS UUIDV4 UUIDV7 UUID_GENERATE_V1 UUID_GENERATE_V1MC
    UUID_GENERATE_V4 GEN_RANDOM_BYTES GEN_SALT PGP_SYM_ENCRYPT ST_GENERATEPOINTS
    """
)
_SEQUENCE: Final = words("NEXTVAL CURRVAL LASTVAL")
_CLOCK: Final = ("DATE", "TIME")
_WORTH: Final = (
    ExpressionKind.NULL,
    ExpressionKind.LITERAL,
    ExpressionKind.NOW,
    ExpressionKind.STABLE,
    ExpressionKind.SEQUENCE,
    ExpressionKind.VOLATILE,
)
_MAX_DEPTH: Final = 100


def kind_of(node: Node, depth: int = 0) -> ExpressionKind:
    """The most changeable of its parts decides; what nests too deep may be anything."""
    kind, fields = only(node)
    if depth > _MAX_DEPTH:
        return ExpressionKind.VOLATILE
    if kind == "A_Const":
        return ExpressionKind.NULL if fields.get("isnull") else ExpressionKind.LITERAL
    if kind in ("TypeCast", "CollateClause"):
        return kind_of(fields.get("arg", {}), depth + 1)
    if kind == "SQLValueFunction":
        named = str(fields.get("op", ""))
        return ExpressionKind.NOW if any(word in named for word in _CLOCK) else ExpressionKind.STABLE
    own = _of_call(fields) if kind == "FuncCall" else ExpressionKind.STABLE
    if kind == "A_ArrayExpr":
        own = ExpressionKind.LITERAL
    return max((own, *_parts(fields, depth)), key=_WORTH.index)


def _of_call(fields: Node) -> ExpressionKind:
    parts = [part.upper() for part in strings(fields.get("funcname", []))]
    name = parts[-1] if parts else ""
    if parts[:-1] not in ([], ["PG_CATALOG"]):
        return ExpressionKind.VOLATILE  # somebody's own
    if name in _SEQUENCE:
        return ExpressionKind.SEQUENCE
    if name in _VOLATILE or name not in GRAMMAR.safe_functions:
        return ExpressionKind.VOLATILE
    return ExpressionKind.NOW if name in NOW else ExpressionKind.STABLE


def _parts(fields: Node, depth: int) -> list[ExpressionKind]:
    found = []
    for name, value in fields.items():
        if name in ("name", "funcname", "typeName", "fields"):
            continue
        items = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
        for item in items:
            inner = only(item)[0] if isinstance(item, dict) else ""
            if inner[:1].isupper():
                found.append(kind_of(item, depth + 1))
    return found
