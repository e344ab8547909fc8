"""COLUMN_UNKNOWN: the statement names a column that its table doesn't have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.asked import CHANGES, INSERTS, MAX_TABLES, OWN, uses
from sluicegate.sql.rules.base import MYSQL, POSTGRESQL, STRUCTURED, Example, Options, Rule, Subject, Text
from sluicegate.sql.rules.schema.certain import lacks, quoted_texts, table
from sluicegate.sql.structure.definitions import (
    AddColumn,
    AddForeignKey,
    AlterTable,
    ChangeColumn,
    Comment,
    DropColumn,
    RenameColumn,
    SetDefault,
    SetIdentity,
    SetNullable,
    SetType,
    Table,
)
from sluicegate.sql.structure.queries import ColumnUse, Place, Query, TableUse

_CONDITIONS = (Place.WHERE, Place.ON)


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    match subject.structure:
        case Query() as query if query.verb in INSERTS:
            yield from _inserted(subject, query)
        case Query() as query:
            yield from _set(subject, query)
            yield from _compared(subject, query)
        case AlterTable() as alter:
            yield from _altered(subject, alter)
        case Comment(ref=ref, column=name, at=at) if name:
            found = table(subject, ref)
            if found is not None and lacks(subject, found, name):
                yield _note(at, name, found)


def _note(at: int, name: str, found: Table) -> Note:
    return Note("COLUMN_UNKNOWN", at, name, params={"table": found.ref.name})


def _inserted(subject: Subject, query: Query) -> Iterator[Note]:
    found = table(subject, query.targets[0]) if len(query.targets) == 1 else None
    if found is None:
        return
    named = [(name, query.at) for name in query.columns or ()]
    named += [(one.column.name, one.at) for one in query.assignments]
    for name, at in named:
        if lacks(subject, found, name):
            yield _note(at, name, found)


def _set(subject: Subject, query: Query) -> Iterator[Note]:
    """PostgreSQL's and SQLite's SET names columns of the target alone."""
    if query.verb != "UPDATE":
        return
    own = query.target_uses if subject.family == MYSQL else query.target_uses[:1]
    for one in query.assignments:
        found = _without(subject, own, one.column, whole=subject.family != MYSQL or _plain(query, OWN))
        if found is not None:
            yield _note(one.at, one.column.name, found)


def _compared(subject: Subject, query: Query) -> Iterator[Note]:
    quoted = quoted_texts(subject)
    alone: dict[int, bool] = {}  # by SELECT: names without a table in front are its tables' own
    for one in query.comparisons:
        if one.place not in _CONDITIONS or one.select is None:
            continue
        if one.select == OWN and query.verb not in CHANGES:
            continue
        if one.select not in alone:
            alone[one.select] = _plain(query, one.select) and not _hidden_source(subject, query, one.select)
        candidates, whole = uses(query, one.select), alone[one.select]
        for column in (one.column, one.other_column):
            if column is None or column.name in quoted:
                continue
            found = _without(
                subject, candidates, column, whole=whole and not _aliased(query, one.select, column)
            )
            if found is not None:
                yield _note(one.at, column.name, found)


def _plain(query: Query, select: int) -> bool:
    """Names without a table in front can only come from the tables that are listed."""
    if select == OWN:
        return len(query.target_uses) == len(query.joins) + 1
    if select >= len(query.selects):
        return False
    one = query.selects[select]
    return one.depth == 0 and len(one.tables) == len(one.joins) + 1


def _hidden_source(subject: Subject, query: Query, select: int) -> bool:
    """PostgreSQL's FROM and USING beside the target aren't listed as joins."""
    if select != OWN or subject.family != POSTGRESQL:
        return False
    text = subject.text.lower()
    return ("from" in text) if query.verb == "UPDATE" else ("using" in text)


def _aliased(query: Query, select: int, column: ColumnUse) -> bool:
    """SQLite lets conditions name what the SELECT makes."""
    if select == OWN:
        return False
    folded = column.name.casefold()
    return any(item.alias.casefold() == folded for item in query.selects[select].items)


def _without(
    subject: Subject, candidates: Sequence[TableUse], column: ColumnUse, *, whole: bool
) -> Table | None:
    """The table that should have the column, when it is certain that none has it."""
    folded = column.name.casefold()
    labels = {(use.alias or use.ref.name).casefold() for use in candidates}
    if len(candidates) > MAX_TABLES or folded in labels:
        return None  # PostgreSQL: a whole row
    if column.qualifier:
        wanted = column.qualifier.casefold()
        candidates = [use for use in candidates if (use.alias or use.ref.name).casefold() == wanted]
        if len(candidates) != 1:
            return None
    elif not whole:
        return None
    if any(use.cte for use in candidates):
        return None
    tables = [table(subject, use.ref) for use in candidates]
    found = [one for one in tables if one is not None and lacks(subject, one, column.name)]
    return found[0] if found and len(found) == len(tables) else None


def _altered(subject: Subject, alter: AlterTable) -> Iterator[Note]:
    """What the statement itself adds or renames to may be named in it too."""
    found = table(subject, alter.table)
    if found is None:
        return
    made: set[str] = set()
    for action in alter.actions:
        if isinstance(action, AddColumn | ChangeColumn):
            name = action.column.name.casefold()
            if isinstance(action, AddColumn) or action.name.casefold() != name:
                made.add(name)
        elif isinstance(action, RenameColumn):
            made.add(action.to.casefold())
    for name, at in _named(alter):
        if name.casefold() not in made and lacks(subject, found, name):
            yield _note(at, name, found)


def _named(alter: AlterTable) -> Iterator[tuple[str, int]]:
    for action in alter.actions:
        match action:
            case DropColumn(name=name, if_exists=False, at=at):
                yield name, at
            case (
                RenameColumn(name=name, at=at)
                | SetType(name=name, at=at)
                | SetDefault(name=name, at=at)
                | SetNullable(name=name, at=at)
                | SetIdentity(name=name, at=at)
            ):
                yield name, at
            case ChangeColumn(name=name, position=position, at=at):
                yield name, at
                yield from _after(position, at)
            case AddColumn(position=position, at=at):
                yield from _after(position, at)
            case AddForeignKey(foreign_key=key, at=at):
                yield from ((name, at) for name in key.columns)


def _after(position: str, at: int) -> Iterator[tuple[str, int]]:
    if position and position != "FIRST":
        yield position, at


_SETUP = "CREATE TABLE t (a INT, b INT); CREATE TABLE u (a INT, c INT)"
RULE = Rule(
    id="SCH002",
    code="COLUMN_UNKNOWN",
    severity=Severity.ERROR,
    check=check,
    families=STRUCTURED,
    structures=(Query, AlterTable, Comment),
    title=Text(zh="列不存在", en="Unknown column"),
    message=Text(
        zh="表 {table} 没有列 {detail}，语句会失败。请检查列名，或先加列。",
        en="Table {table} has no column {detail}, so that the statement fails. Check the name, or add the column first.",
    ),
    why=Text(
        zh="常见原因是列名写错、列已删除或改名，或加列的变更还没有执行。",
        en="Mostly a slip, a column that was dropped or renamed, or a change that adds it and is still to come.",
    ),
    fails=(
        Example("UPDATE t SET x = 1 WHERE a = 1", setup=_SETUP),
        Example("UPDATE t SET b = 1 WHERE x = 1", setup=_SETUP),
        Example("DELETE FROM t WHERE x = 1", setup=_SETUP),
        Example("INSERT INTO t (a, x) VALUES (1, 2)", setup=_SETUP),
        Example("SELECT a FROM t WHERE x = 1", setup=_SETUP),
        Example("SELECT t.a FROM t JOIN u ON t.a = u.x", setup=_SETUP),
        Example("ALTER TABLE t DROP COLUMN x", setup=_SETUP),
        Example("ALTER TABLE t RENAME COLUMN x TO y", setup=_SETUP),
        Example("ALTER TABLE t DROP COLUMN b; UPDATE t SET b = 1 WHERE a = 1", setup=_SETUP),
        Example("ALTER TABLE t MODIFY x BIGINT", families=("mysql",), setup=_SETUP),
        Example("ALTER TABLE t CHANGE x y BIGINT", families=("mysql",), setup=_SETUP),
        Example("ALTER TABLE t ADD c INT AFTER x", families=("mysql",), setup=_SETUP),
        Example("ALTER TABLE t ALTER COLUMN x TYPE BIGINT", families=("postgresql",), setup=_SETUP),
        Example("COMMENT ON COLUMN t.x IS 'x'", families=("postgresql",), setup=_SETUP),
    ),
    passes=(
        Example("UPDATE t SET x = 1 WHERE y = 1"),
        Example("UPDATE t SET B = 1 WHERE A = 1", setup=_SETUP),
        Example("ALTER TABLE t ADD COLUMN x INT; UPDATE t SET x = 1 WHERE a = 1", setup=_SETUP),
        Example("SELECT t.a FROM t JOIN u ON t.a = u.a WHERE c = 1", setup=_SETUP),
        Example("SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE b = c)", setup=_SETUP),
        Example("SELECT 1 FROM (SELECT a AS x FROM t) s WHERE x = 1", setup=_SETUP),
        Example("WITH s AS (SELECT a AS x FROM t) SELECT 1 FROM s WHERE x = 1", setup=_SETUP),
        Example("ALTER TABLE t CHANGE a c INT, ADD d INT AFTER c", families=("mysql",), setup=_SETUP),
        Example("SELECT a FROM t WHERE ctid = '(0,1)'", families=("postgresql",), setup=_SETUP),
        Example(
            "UPDATE t SET b = 1 FROM generate_series(1, 3) g WHERE g = a",
            families=("postgresql",),
            setup=_SETUP,
        ),
        Example("SELECT a AS x FROM t WHERE x = 1 AND rowid > 2", families=("sqlite",), setup=_SETUP),
        Example('DELETE FROM t WHERE a = "x"', families=("sqlite",), setup=_SETUP),
    ),
)
