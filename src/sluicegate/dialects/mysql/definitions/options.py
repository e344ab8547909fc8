"""Options of tables and databases, and partitioning."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.mysql.definitions.reading import Reading, text_of
from sluicegate.sql.grammar import is_name
from sluicegate.sql.structure.definitions import Partitioning
from sluicegate.sql.tokens import WORD

_CHARSET: Final = (("CHARSET",), ("CHARACTER", "SET"), ("CHAR", "SET"))
_SAME: Final = {"TYPE": "ENGINE", "CHARACTER SET": "CHARSET"}
# Options whose value may stand without "=".
_VALUED: Final = frozenset(
    [
        "ENGINE",
        "TYPE",
        "AUTO_INCREMENT",
        "COMMENT",
        "COLLATE",
        "ROW_FORMAT",
        "KEY_BLOCK_SIZE",
        "AVG_ROW_LENGTH",
        "MAX_ROWS",
        "MIN_ROWS",
        "CHECKSUM",
        "DELAY_KEY_WRITE",
        "PACK_KEYS",
        "STATS_PERSISTENT",
        "STATS_AUTO_RECALC",
        "STATS_SAMPLE_PAGES",
        "COMPRESSION",
        "ENCRYPTION",
        "CONNECTION",
        "PASSWORD",
        "INSERT_METHOD",
        "TABLESPACE",
        "ENGINE_ATTRIBUTE",
        "SECONDARY_ENGINE",
        "TABLE_CHECKSUM",
        "SECONDARY_ENGINE_ATTRIBUTE",
        "AUTOEXTEND_SIZE",
        "TRANSACTIONAL",
        "PAGE_CHECKSUM",
        "PAGE_COMPRESSED",
        "ENCRYPTED",
        "PAGE_COMPRESSION_LEVEL",
        "ENCRYPTION_KEY_ID",
        "SEQUENCE",
        "SHARD_ROW_ID_BITS",
        "PRE_SPLIT_REGIONS",
        "AUTO_ID_CACHE",
        "AUTO_RANDOM_BASE",
        "TTL",
        "TTL_ENABLE",
        "TTL_JOB_INTERVAL",
        "TABLEGROUP",
        "LOCALITY",
        "PRIMARY_ZONE",
        "REPLICA_NUM",
        "BLOCK_SIZE",
    ]
)


def charset(reading: Reading) -> str | None:
    """[DEFAULT] CHARACTER SET [=] value; None when it doesn't stand here."""
    begin = reading.i
    reading.accept("DEFAULT")
    for words in _CHARSET:
        if reading.accept(*words):
            return reading.value()
    reading.i = begin
    return None


def option(reading: Reading) -> tuple[str, str] | None:
    """One option as name and value; None when none stands here."""
    if (found := charset(reading)) is not None:
        return "CHARSET", found
    begin = reading.i
    reading.accept("DEFAULT")
    if reading.accept("DATA", "DIRECTORY") or reading.accept("INDEX", "DIRECTORY"):
        return f"{reading.key(-2)} DIRECTORY", reading.value()
    if reading.accept("PLACEMENT", "POLICY"):
        return "PLACEMENT POLICY", reading.value()
    if reading.accept("UNION"):
        reading.accept("=")
        reading.skip_parenthesis()
        return "UNION", ""
    if reading.accept("WITH", "SYSTEM", "VERSIONING"):
        return "SYSTEM VERSIONING", "1"
    if reading.accept("START", "TRANSACTION"):
        return "START TRANSACTION", ""
    token = reading.token()
    key = token.key
    if key in _VALUED or (is_name(token) and reading.key(1) == "="):
        reading.i += 1
        name = key or text_of(token).upper()
        value = reading.value()
        while key == "TTL" and not reading.done and reading.key() in ("+", "INTERVAL"):
            reading.i += 3
        if key == "TABLESPACE" and reading.accept("STORAGE"):
            reading.word()
        return _SAME.get(name, name), value
    reading.i = begin
    return None


# ---------------------------------------------------------------- partitions


def partitioning(reading: Reading) -> Partitioning | None:
    """PARTITION BY …, to its end; None when it doesn't stand here."""
    if not reading.accept("PARTITION", "BY"):
        return None
    linear = "LINEAR " if reading.accept("LINEAR") else ""
    method = reading.next().key
    if method == "KEY" and reading.accept("ALGORITHM", "="):
        reading.i += 1
    if method in ("RANGE", "LIST") and reading.accept("COLUMNS"):
        method = f"{method} COLUMNS"
    columns = _columns(reading)
    count: int | None = None
    names: tuple[str, ...] = ()
    while not reading.done:
        if reading.accept("PARTITIONS"):
            count = reading.number()
        elif reading.accept("SUBPARTITION", "BY"):
            _skip_subpartitions(reading)
        elif reading.key() == "(":
            names = partition_names(reading)
        elif reading.key() in ("AS", "SELECT", "IGNORE", "REPLACE", "WITH"):
            break
        else:
            reading.i += 1
    return Partitioning(linear + method, columns, count or len(names) or None, names)


def _skip_subpartitions(reading: Reading) -> None:
    reading.accept("LINEAR")
    reading.i += 1
    if reading.accept("ALGORITHM", "="):
        reading.i += 1
    reading.accept("COLUMNS")
    reading.skip_parenthesis()


def _columns(reading: Reading) -> tuple[str, ...]:
    """The columns that decide, also within an expression."""
    inner = reading.parenthesis()
    found: list[str] = []
    while inner is not None and not inner.done:
        token = inner.token()
        called = inner.key(1) == "("
        if is_name(token) and not (token.kind == WORD and called):
            found.append(inner.one_name())
        else:
            inner.i += 1
    return tuple(dict.fromkeys(found))


def partition_names(reading: Reading) -> tuple[str, ...]:
    """(PARTITION p0 VALUES …, PARTITION p1 …)"""
    inner = reading.parenthesis()
    if inner is None:
        return ()
    return tuple(element.one_name() for element in inner.elements() if element.accept("PARTITION"))
