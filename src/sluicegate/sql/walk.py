"""The schema as the statements of one script change it, over what the catalogue knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from sluicegate.sql.catalogue import ABSENT, Catalogue, Key, Lookup, key_of
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import (
    Action,
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AlterTable,
    ChangeColumn,
    Column,
    Comment,
    ConvertCharset,
    CreateIndex,
    CreateSequence,
    CreateTable,
    CreateView,
    Definitions,
    DropColumn,
    DropIndex,
    DropObject,
    DropPart,
    DropTable,
    Index,
    IndexKind,
    KeyPart,
    RenameColumn,
    RenamePart,
    RenameTable,
    RenameTo,
    SetDefault,
    SetNullable,
    SetOption,
    SetType,
    Table,
    Truncate,
    ValidateConstraint,
)
from sluicegate.sql.structure.queries import Select

_RELATIONS: Final = ("table", "view", "temporary")
TableChange = Callable[[Table], Table]
ColumnChange = Callable[[Column], Column]


class SchemaWalk:
    """Later statements see earlier ones: a table created in line 1 exists in line 2.

    Args:
        catalogue: the target's, None when nobody looked: then only what the script itself made is known.
        home: the name of the target's own database or schema.

    Attributes:
        questions: how many were asked: what is said of a statement without asking holds whatever the schema.
    """

    def __init__(self, catalogue: Catalogue | None = None, home: str | None = None) -> None:
        self.questions = 0
        self._catalogue = catalogue
        self._home = home
        self._changed: dict[Key, Lookup] = {}
        self._indexed: dict[
            str, dict[Key, None]
        ] = {}  # by folded name, the tables that have or had such an index
        self._made: set[Key] = set()
        self._touched: set[str] = set()
        self._altered: set[Key] = set()

    # ---------------------------------------------------------------- questions

    def table(self, ref: ObjectRef) -> Lookup:
        """The table as it is at this place of the script."""
        self.questions += 1
        key = key_of(ref, self._home)
        if key in self._changed:
            return self._changed[key]
        return None if self._catalogue is None else self._catalogue.table(ref)

    def created_here(self, ref: ObjectRef) -> bool:
        """An earlier statement of the script made this table, so that it holds nothing of anybody's."""
        self.questions += 1
        return key_of(ref, self._home) in self._made

    def changed_here(self, ref: ObjectRef) -> bool:
        """An earlier statement of the script made, altered or dropped this table."""
        self.questions += 1
        return key_of(ref, self._home) in self._changed

    def altered_here(self, ref: ObjectRef) -> bool:
        """An earlier statement of the script altered this table or made an index on it."""
        self.questions += 1
        return key_of(ref, self._home) in self._altered

    def others_altered(self, ref: ObjectRef) -> bool:
        """An earlier statement of the script altered another table that was there before."""
        self.questions += 1
        return bool(self._altered - self._made - {key_of(ref, self._home)})

    def table_of_index(self, ref: ObjectRef) -> ObjectRef | None:
        self.questions += 1
        folded = ref.name.casefold()
        for key in self._indexed.get(folded, ()):
            table = self._changed[key]
            if isinstance(table, Table) and any(folded == name for name in _index_names(table)):
                return table.ref
        owner = None if self._catalogue is None else self._catalogue.table_of_index(ref)
        # The catalogue doesn't know what the script did to that table: the index may be gone or renamed.
        gone = owner is not None and key_of(owner, self._home) in self._changed
        return None if gone else owner

    def tables(self) -> Iterator[Table]:
        """The tables that the script made or changed, as they are now."""
        return (table for table in self._changed.values() if isinstance(table, Table))

    def unknown(self) -> Iterator[ObjectRef]:
        """What the script made or changed so that nobody knows its columns: it may be there."""
        for (place, name), found in self._changed.items():
            if found is None:
                yield ObjectRef(name, schema=place or None)

    # ---------------------------------------------------------------- steps

    def apply(self, structure: Definitions) -> set[str]:
        """What the statement leaves behind. Returns the folded names of tables that are something else now."""
        self._touched = set()
        self._apply(structure)
        return self._touched

    def _apply(self, structure: Definitions) -> None:
        match structure:
            case CreateTable():
                self._create(structure)
            case CreateView(view=view):
                named = tuple(Column(name) for name in self._view_columns(structure))
                self._put(view, Table(view, named, view=True) if named else None, made=True)
            case AlterTable():
                self._alter(structure)
            case CreateIndex(table=table, index=index):
                self._altered.add(key_of(table, self._home))
                self._change(table, lambda found: replace(found, indexes=(*found.indexes, index)))
            case DropIndex(names=names, table=table):
                for name in names:
                    owner = table or self.table_of_index(name)
                    if owner is not None:
                        self._change(owner, partial(_without_index, name=name.name))
            case DropTable(tables=tables):
                for ref in tables:
                    self._drop(ref)
            case DropObject(refs=refs):
                for ref in refs:
                    if ref.type == "view":
                        self._drop(ref)
            case RenameTable(pairs=pairs):
                for old, new in pairs:
                    if old.type in _RELATIONS:
                        self._rename(old, new)
                    elif old.type == "index":
                        self._rename_index(old, new)
            case CreateSequence(ref=ref):
                self._put(ref, None)  # may be read like a table
            case Truncate(tables=tables):
                for ref in tables:
                    self._change(ref, lambda found: replace(found, rows=0))
            case Comment(ref=ref, text=text, column=column) if ref.type in ("table", "view", "column"):
                self._comment(ref, column, text)
            case _:
                pass

    def _create(self, structure: CreateTable) -> None:
        ref = structure.table.ref
        if structure.if_not_exists and isinstance(self.table(ref), Table):
            return
        table: Lookup = replace(structure.table, rows=0, size_bytes=0)
        parents = structure.table.inherits
        if structure.table.partition_of is not None:
            parents = (structure.table.partition_of,)
        if structure.like is not None:
            source = self.table(structure.like)
            table = _copy(structure, source) if isinstance(source, Table) else None
        elif structure.as_query:
            table = None  # it exists, but not all its columns are known
        elif parents:
            table = self._heir(structure.table, parents)
        self._put(ref, table, made=True)

    def _heir(self, table: Table, parents: tuple[ObjectRef, ...]) -> Lookup:
        """With the columns of its parents; a partition has their keys too."""
        columns: tuple[Column, ...] = ()
        for parent in parents:
            known = self.table(parent)
            if not isinstance(known, Table):
                return None
            columns += _required(known)
            if table.partition_of is not None:
                nameless = tuple(replace(index, name=None) for index in known.indexes)
                table = replace(table, indexes=(*nameless, *table.indexes))
        own = tuple(column for column in table.columns if column.type is not None)
        return replace(table, columns=(*columns, *own), rows=0, size_bytes=0)

    def _view_columns(self, structure: CreateView) -> tuple[str, ...]:
        """Their names, none where they aren't certain: those of expressions every server makes up otherwise."""
        select = structure.select
        if structure.columns or select is None:
            return structure.columns
        names: list[str] = []
        for item in select.items:
            if item.star:
                names.extend(self._columns_of_all(select))
                if not select.tables or not names:
                    return ()
            elif item.alias or item.column is not None:
                names.append(item.alias or (item.column.name if item.column is not None else ""))
            else:
                return ()
        return tuple(names) if len({name.casefold() for name in names}) == len(names) else ()

    def _columns_of_all(self, select: Select) -> tuple[str, ...]:
        """Of ``*``, or of ``t.*`` which is the same where there is only one table."""
        if len(select.tables) != 1 or select.joins or select.tables[0].cte:
            return ()
        table = self.table(select.tables[0].ref)
        return tuple(column.name for column in table.columns) if isinstance(table, Table) else ()

    def _put(self, ref: ObjectRef, table: Lookup, *, made: bool = False) -> None:
        key = key_of(ref, self._home)
        self._touched.add(key[1])
        self._changed[key] = table
        if isinstance(table, Table):
            for name in _index_names(table):
                self._indexed.setdefault(name, {})[key] = None
        if made:
            self._made.add(key)

    def _drop(self, ref: ObjectRef) -> None:
        self._put(ref, ABSENT)
        self._made.discard(key_of(ref, self._home))

    def _rename(self, old: ObjectRef, new: ObjectRef) -> None:
        if new.database is None and new.schema is None:
            new = replace(new, database=old.database, schema=old.schema)
        found = self.table(old)
        made = self.created_here(old)
        self._drop(old)
        self._put(new, replace(found, ref=new) if isinstance(found, Table) else None, made=made)

    def _rename_index(self, old: ObjectRef, new: ObjectRef) -> None:
        owner = self.table_of_index(old)
        if owner is not None:
            action = RenamePart("index", old.name, new.name)
            self._change(owner, partial(altered, action=action))

    def _change(self, ref: ObjectRef, change: TableChange) -> None:
        found = self.table(ref)
        if isinstance(found, Table):
            self._put(ref, change(found))
        elif found is ABSENT:
            self._put(ref, None)

    def _comment(self, ref: ObjectRef, column: str, text: str | None) -> None:
        if column:
            self._change(
                ref, lambda found: _with_column(found, column, lambda old: replace(old, comment=text))
            )
        else:
            self._change(ref, lambda found: replace(found, options={**found.options, "COMMENT": text or ""}))

    def _alter(self, structure: AlterTable) -> None:
        ref = structure.table
        self._altered.add(key_of(ref, self._home))
        for action in structure.actions:
            if isinstance(action, RenameTo):
                self._rename(ref, action.to)
                ref = action.to
            else:
                self._change(ref, partial(altered, action=action))


def _required(table: Table) -> tuple[Column, ...]:
    """Its columns, with NOT NULL where its primary key implies it; a key isn't taken over, that is."""
    key = table.primary_key
    columns = () if key is None else key.columns
    return tuple(
        replace(column, nullable=False) if column.name in columns else column for column in table.columns
    )


def _index_names(table: Table) -> Iterator[str]:
    return ((index.name or "").casefold() for index in table.indexes)


def _copy(structure: CreateTable, source: Table) -> Table:
    """CREATE TABLE … LIKE; with PostgreSQL's the columns may have others beside them."""
    made = structure.table
    if structure.includes is None:
        return replace(source, ref=made.ref, foreign_keys=(), rows=0, size_bytes=0)
    columns = tuple(
        column if "DEFAULTS" in structure.includes else replace(column, default=None)
        for column in _required(source)
    )
    nameless = tuple(replace(index, name=None) for index in source.indexes)
    return replace(
        made,
        columns=(*columns, *made.columns),
        indexes=(*(nameless if "INDEXES" in structure.includes else ()), *made.indexes),
        checks=(*(source.checks if "CONSTRAINTS" in structure.includes else ()), *made.checks),
        rows=0,
        size_bytes=0,
    )


def altered(table: Table, action: Action) -> Table:
    """The table behind one action of ALTER TABLE."""
    match action:
        case AddColumn(column=column, position=position, if_not_exists=optional):
            if optional and table.column(column.name) is not None:
                return table
            return _with_parts(
                replace(table, columns=tuple(_placed(table.columns, column, position))), column
            )
        case ChangeColumn(name=name, column=column, position=position):
            rest = [column if _same(old.name, name) else old for old in table.columns]
            if position:
                rest = list(_placed([old for old in rest if old is not column], column, position))
            return _renamed_parts(replace(table, columns=tuple(rest)), name, column.name)
        case DropColumn(name=name):
            return _without_column(table, name)
        case RenameColumn(name=name, to=to):
            renamed = _with_column(table, name, lambda old: replace(old, name=to))
            return _renamed_parts(renamed, name, to)
        case SetType(name=name, type=type_):
            return _with_column(table, name, lambda old: replace(old, type=type_))
        case SetDefault(name=name, default=default):
            return _with_column(table, name, lambda old: replace(old, default=default))
        case SetNullable(name=name, nullable=nullable):
            return _with_column(table, name, lambda old: replace(old, nullable=nullable))
        case AddIndex(index=index):
            return replace(table, indexes=(*table.indexes, index))
        case AddForeignKey(foreign_key=key):
            return replace(table, foreign_keys=(*table.foreign_keys, key))
        case AddCheck(check=check):
            return replace(table, checks=(*table.checks, check))
        case DropPart():
            return _without_part(table, action)
        case RenamePart(name=name, to=to):
            indexes = tuple(
                replace(index, name=to) if _same(index.name or "", name) else index for index in table.indexes
            )
            return replace(table, indexes=indexes)
        case ValidateConstraint(name=name):
            return _validated(table, name)
        case SetOption(name=name, value=value):
            return replace(table, options={**table.options, name: value})
        case ConvertCharset(charset=charset, collation=collation):
            return replace(table, options={**table.options, "CHARSET": charset, "COLLATE": collation})
        case _:
            return table


def _validated(table: Table, name: str) -> Table:
    checks = tuple(
        replace(check, not_valid=False) if _same(check.name or "", name) else check for check in table.checks
    )
    keys = tuple(
        replace(key, not_valid=False) if _same(key.name or "", name) else key for key in table.foreign_keys
    )
    return replace(table, checks=checks, foreign_keys=keys)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _placed(columns: Iterable[Column], column: Column, position: str) -> Iterable[Column]:
    if position == "FIRST":
        yield column
        yield from columns
        return
    placed = False
    for old in columns:
        yield old
        if position and _same(old.name, position):
            yield column
            placed = True
    if not placed:
        yield column


def _with_parts(table: Table, column: Column) -> Table:
    """With the indexes that the column's own definition makes."""
    part = (KeyPart(column.name),)
    if column.primary:
        table = replace(table, indexes=(*table.indexes, Index(IndexKind.PRIMARY, part, constraint=True)))
    if column.unique:
        table = replace(table, indexes=(*table.indexes, Index(IndexKind.UNIQUE, part, constraint=True)))
    return table


def _with_column(table: Table, name: str, change: ColumnChange) -> Table:
    columns = tuple(change(column) if _same(column.name, name) else column for column in table.columns)
    return replace(table, columns=columns)


def _without_column(table: Table, name: str) -> Table:
    """An index loses the column; one that has no other goes with it (as MySQL does; PostgreSQL drops every
    index of the column, which for the rules comes to the same)."""
    indexes = []
    for index in table.indexes:
        parts = tuple(part for part in index.parts if not _same(part.column, name))
        if parts:
            indexes.append(replace(index, parts=parts))
    keys = tuple(key for key in table.foreign_keys if not any(_same(column, name) for column in key.columns))
    columns = tuple(column for column in table.columns if not _same(column.name, name))
    return replace(table, columns=columns, indexes=tuple(indexes), foreign_keys=keys)


def _renamed_parts(table: Table, name: str, to: str) -> Table:
    if name == to:
        return table
    indexes = tuple(
        replace(
            index,
            parts=tuple(
                replace(part, column=to) if _same(part.column, name) else part for part in index.parts
            ),
        )
        for index in table.indexes
    )
    return replace(table, indexes=indexes)


def _without_index(table: Table, name: str) -> Table:
    indexes = tuple(index for index in table.indexes if not _same(index.name or "", name))
    return replace(table, indexes=indexes)


def _without_part(table: Table, action: DropPart) -> Table:
    if action.kind == "primary key":
        return replace(
            table, indexes=tuple(index for index in table.indexes if index.kind is not IndexKind.PRIMARY)
        )
    found = _without_index(table, action.name) if action.kind in ("index", "constraint") else table
    if action.kind in ("foreign key", "constraint"):
        keys = tuple(key for key in found.foreign_keys if not _same(key.name or "", action.name))
        found = replace(found, foreign_keys=keys)
    if action.kind in ("check", "constraint"):
        checks = tuple(check for check in found.checks if not _same(check.name or "", action.name))
        found = replace(found, checks=checks)
    return found
