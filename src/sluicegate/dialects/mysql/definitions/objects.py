"""Everything that isn't ALTER TABLE or the inside of CREATE TABLE: heads, indexes, views, routines, grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sluicegate.dialects.mysql.definitions.create_table import create_table
from sluicegate.dialects.mysql.definitions.keys import index_body
from sluicegate.dialects.mysql.definitions.options import charset
from sluicegate.dialects.mysql.definitions.reading import Reading
from sluicegate.dialects.mysql.functions import GRAMMAR
from sluicegate.sql.grammar import is_name
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.query_structure import read_query
from sluicegate.sql.structure.definitions import (
    CreateDatabase,
    CreateIndex,
    CreateRoutine,
    CreateSequence,
    CreateView,
    Definitions,
    DropIndex,
    DropObject,
    DropTable,
    Grant,
    IndexKind,
    Maintenance,
    RenameTable,
    SetVariable,
    Truncate,
)
from sluicegate.sql.tokens import VARIABLE

_INDEX_KINDS: Final = {
    "UNIQUE": IndexKind.UNIQUE,
    "FULLTEXT": IndexKind.FULLTEXT,
    "SPATIAL": IndexKind.SPATIAL,
    "VECTOR": IndexKind.PLAIN,
}
_ROUTINES: Final = frozenset({"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"})
_DATABASES: Final = frozenset({"DATABASE", "SCHEMA"})
_SCOPES: Final = frozenset({"SESSION", "LOCAL", "GLOBAL", "PERSIST", "PERSIST_ONLY"})


# ---------------------------------------------------------------- CREATE


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the kind of object."""

    definer: str = ""
    security: str = ""


def head(reading: Reading) -> Head:
    definer = security = ""
    while not reading.done:
        if reading.accept("ALGORITHM", "="):
            reading.i += 1
        elif reading.accept("DEFINER", "="):
            begin = reading.i
            reading.i += 1
            if reading.token().kind == VARIABLE:
                reading.i += 1
            else:
                reading.skip_parenthesis()
            definer = reading.slice(begin, reading.i)
        elif reading.accept("SQL", "SECURITY"):
            security = reading.next().key
        elif not reading.accept_any({"AGGREGATE", "ONLINE", "OFFLINE"}):
            break
    return Head(definer, security)


def create(reading: Reading, at: int) -> Definitions | None:
    """The reading stands behind CREATE."""
    replaces = reading.accept("OR", "REPLACE")
    temporary = reading.accept("TEMPORARY")
    found = head(reading)
    kind = reading.next().key
    if kind == "TABLE":
        return create_table(reading, at, replaces=replaces, temporary=temporary)
    if kind in _INDEX_KINDS and reading.accept("INDEX"):
        return _create_index(reading, at, _INDEX_KINDS[kind], "vector" if kind == "VECTOR" else "")
    if kind == "INDEX":
        return _create_index(reading, at, IndexKind.PLAIN)
    if kind == "VIEW":
        return create_view(reading, at, found, replaces=replaces)
    if kind in _DATABASES:
        return database(reading, at)
    if kind in _ROUTINES:
        return _routine(reading, at, kind, found, replaces=replaces)
    return sequence(reading, at) if kind == "SEQUENCE" else None


def _create_index(reading: Reading, at: int, kind: IndexKind, method: str = "") -> CreateIndex | None:
    optional = reading.accept("IF", "NOT", "EXISTS")
    name = reading.one_name()
    if reading.accept("USING"):
        method = reading.word().lower()
    table = reading.ref() if reading.accept("ON") else None
    if table is None:
        return None
    index = index_body(reading, kind, name or None, at, method=method)
    algorithm, lock = _asked(reading)
    return CreateIndex(table, index, False, optional, algorithm, lock, at)


def _asked(reading: Reading) -> tuple[str, str]:
    """ALGORITHM and LOCK, in either order."""
    algorithm = lock = ""
    while not reading.done:
        if reading.accept("ALGORITHM"):
            algorithm = reading.value().upper()
        elif reading.accept("LOCK"):
            lock = reading.value().upper()
        else:
            reading.i += 1
    return algorithm, lock


def create_view(reading: Reading, at: int, found: Head, *, replaces: bool) -> CreateView | None:
    reading.accept("IF", "NOT", "EXISTS")
    ref = reading.ref("view")
    if ref is None:
        return None
    columns = reading.column_list()
    query = None
    if not columns and reading.accept("AS"):
        query = read_query(reading.tokens[reading.i : reading.end], GRAMMAR)
    select = query.main if query is not None else None
    return CreateView(ref, replaces, False, columns, found.definer, found.security, at, select)


def database(reading: Reading, at: int, *, alters: bool = False) -> CreateDatabase:
    """CREATE or ALTER DATABASE; the name is "" where ALTER means the session's own."""
    optional = reading.accept("IF", "NOT", "EXISTS")
    options_begin = reading.key() in ("DEFAULT", "CHARACTER", "CHARSET", "COLLATE")
    name = "" if options_begin and alters else reading.one_name()
    character_set = collation = ""
    while not reading.done:
        reading.accept("DEFAULT")
        if (value := charset(reading)) is not None:
            character_set = value
        elif reading.accept("COLLATE"):
            collation = reading.value()
        else:
            reading.i += 1
    return CreateDatabase(ObjectRef(name, "database"), character_set, collation, optional, alters, at)


def sequence(reading: Reading, at: int) -> CreateSequence | None:
    reading.if_exists()
    ref = reading.ref("sequence")
    if ref is None:
        return None
    cycle = False
    while not reading.done:
        cycle = cycle or (reading.key() == "CYCLE" and reading.key(-1) != "NO")
        reading.i += 1
    return CreateSequence(ref, cycle, at)


def _routine(reading: Reading, at: int, kind: str, found: Head, *, replaces: bool) -> CreateRoutine | None:
    reading.accept("BODY")
    reading.accept("IF", "NOT", "EXISTS")
    ref = reading.ref(kind.lower())
    if ref is None:
        return None
    table = None
    if kind == "TRIGGER":
        while not reading.done and not reading.accept("ON"):
            reading.i += 1
        table = reading.ref()
    security = found.security
    while kind in ("PROCEDURE", "FUNCTION") and not reading.done and reading.key() not in ("BEGIN", "RETURN"):
        if reading.accept("SQL", "SECURITY"):
            security = reading.key()
        reading.i += 1
    return CreateRoutine(ref, replaces, table, found.definer, security, "sql", at)


# ---------------------------------------------------------------- DROP, RENAME, TRUNCATE


def drop(reading: Reading, at: int) -> Definitions | None:
    """The reading stands behind DROP."""
    temporary = reading.accept("TEMPORARY")
    reading.accept_any({"ONLINE", "OFFLINE"})
    kind = reading.next().key
    reading.accept("BODY")
    optional = reading.accept("IF", "EXISTS")
    if kind in ("TABLE", "TABLES"):
        refs = reading.refs()
        return DropTable(refs, optional, reading.key() == "CASCADE", temporary, at) if refs else None
    if kind == "INDEX":
        name = reading.name()
        table = reading.ref() if reading.accept("ON") else None
        if not name or table is None:
            return None
        ref = ObjectRef(name[-1], "index", database=table.database)
        return DropIndex((ref,), table, if_exists=optional, at=at)
    if kind in _DATABASES:
        name = reading.name()
        return DropObject((ObjectRef(name[-1], "database"),), optional, at=at) if name else None
    if kind in ("VIEW", "SEQUENCE", *_ROUTINES):
        refs = reading.refs(kind.lower())
        return DropObject(refs, optional, reading.key() == "CASCADE", at) if refs else None
    return None


def rename(reading: Reading, at: int) -> RenameTable | None:
    if not reading.accept_any({"TABLE", "TABLES"}):
        return None
    reading.accept("IF", "EXISTS")
    pairs = []
    while not reading.done:
        old = reading.ref()
        if reading.accept("WAIT"):
            reading.number()
        reading.accept("NOWAIT")
        new = reading.ref() if reading.accept("TO") else None
        if old is None or new is None:
            break
        pairs.append((old, new))
        if not reading.accept(","):
            break
    return RenameTable(tuple(pairs), at) if pairs else None


def truncate(reading: Reading, at: int) -> Truncate | None:
    reading.accept("TABLE")
    refs = reading.refs()
    return Truncate(refs, at=at) if refs else None


# ---------------------------------------------------------------- the rest


def maintain(reading: Reading, at: int) -> Maintenance | None:
    """OPTIMIZE, ANALYZE, REPAIR, CHECK and LOCK TABLES."""
    operation = reading.key(-1)
    reading.accept_any({"NO_WRITE_TO_BINLOG", "LOCAL"})
    if not reading.accept_any({"TABLE", "TABLES"}):
        return None
    refs = []
    while (ref := reading.ref()) is not None:
        refs.append(ref)
        while not reading.done and reading.key() != ",":
            reading.i += 1
        reading.i += 1
    return Maintenance("LOCK TABLE" if operation == "LOCK" else operation, tuple(refs), at=at)


def grant(reading: Reading, at: int) -> Grant | None:
    """GRANT and REVOKE, of privileges and of roles. ``*`` stands as the name for everything in a place."""
    revokes = reading.key(-1) == "REVOKE"
    if revokes:
        reading.accept("IF", "EXISTS")
    privileges = _privileges(reading)
    refs: tuple[ObjectRef, ...] = ()
    if reading.accept("ON"):
        refs = (_granted_on(reading),)
    while not reading.done and reading.key() not in ("TO", "FROM"):
        reading.i += 1
    reading.i += 1
    grantees = _grantees(reading)
    option = False
    while not reading.done:
        option = option or (reading.key() == "GRANT" and reading.key(1) == "OPTION")
        reading.i += 1
    return Grant(privileges, refs, grantees, option, revokes, at) if privileges else None


def _privileges(reading: Reading) -> tuple[str, ...]:
    found: list[str] = []
    words: list[str] = []
    while not reading.done and reading.key() not in ("ON", "TO", "FROM"):
        if reading.key() == "(":
            reading.skip_parenthesis()
        elif reading.accept(","):
            found.append(" ".join(words))
            words = []
        else:
            words.append(reading.next().text.upper())
    return tuple(name for name in (*found, " ".join(words)) if name)


def _granted_on(reading: Reading) -> ObjectRef:
    kind = "table"
    if reading.key() in ("TABLE", "FUNCTION", "PROCEDURE", "PACKAGE") and is_name(reading.token(1)):
        kind = reading.next().key.lower()
    if reading.accept("*"):
        if reading.accept(".", "*"):
            return ObjectRef("*", "database", database="*")
        return ObjectRef("*", "database")
    name = reading.name()
    if reading.accept(".", "*"):
        return ObjectRef("*", "database", database=name[-1] if name else None)
    return GRAMMAR.ref(name or [""], kind=kind)


def _grantees(reading: Reading) -> tuple[str, ...]:
    found: list[str] = []
    while not reading.done and reading.key() not in ("WITH", "REQUIRE", "AS"):
        begin = reading.i
        reading.word()
        if reading.token().kind == VARIABLE:
            reading.i += 1
        found.append(reading.slice(begin, reading.i))
        while not reading.done and reading.key() not in (",", "WITH", "REQUIRE", "AS"):
            reading.i += 1  # IDENTIFIED BY …: nothing of a password is kept
        if not reading.accept(","):
            break
    return tuple(name for name in found if name)


def set_variable(reading: Reading, at: int) -> SetVariable | None:
    """The first assignment of a system variable of the session."""
    reading.accept_any(_SCOPES)
    token = reading.token()
    name = token.text.lower()
    if token.kind == VARIABLE:
        if not name.startswith("@@"):
            return None
        name = name[2:].rsplit(".", 1)[-1]
    elif not is_name(token) or reading.key(1) not in ("=", ":="):
        return None
    reading.i += 1
    if not reading.accept_any({"=", ":="}):
        return None
    return SetVariable(name.strip("`"), reading.value(), at=at)
