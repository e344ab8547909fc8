"""CREATE, ALTER, DROP and their like, read into values.

``at`` is always a character offset into the script, -1 where it isn't known. Names are without quotes,
folded as the server folds them (PostgreSQL: unquoted names in lower case; otherwise as written).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.queries import Select


class ExpressionKind(StrEnum):
    LITERAL = "literal"
    NULL = "null"
    NOW = "now"  # the transaction's or statement's time: the same for all rows
    SEQUENCE = "sequence"  # nextval
    STABLE = "stable"  # computed, the same for all rows
    VOLATILE = "volatile"  # may differ from row to row: random(), uuid, clock_timestamp(), own functions


@dataclass(frozen=True, slots=True)
class Expression:
    """``text`` is the slice as written."""

    text: str
    kind: ExpressionKind


@dataclass(frozen=True, slots=True)
class ColumnType:
    """``name`` in upper case without arguments, as the server's manual writes it (VARCHAR, BIGINT,
    TIMESTAMP WITH TIME ZONE); ``arguments`` as written: ("30",), ("10", "2"), ("'a'", "'b'")."""

    name: str
    arguments: tuple[str, ...] = ()
    unsigned: bool = False
    zerofill: bool = False
    array: bool = False

    @property
    def length(self) -> int | None:
        """The first argument as a number, None when there is none."""
        return int(self.arguments[0]) if self.arguments and self.arguments[0].isdecimal() else None

    def __str__(self) -> str:
        arguments = f"({','.join(self.arguments)})" if self.arguments else ""
        suffix = (" UNSIGNED" if self.unsigned else "") + (" ZEROFILL" if self.zerofill else "")
        return f"{self.name}{arguments}{suffix}{'[]' if self.array else ''}"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """``on_delete``/``on_update`` in upper case ("CASCADE", "SET NULL"), "" when not said."""

    columns: tuple[str, ...]
    references: ObjectRef
    referenced: tuple[str, ...] = ()
    name: str | None = None
    on_delete: str = ""
    on_update: str = ""
    not_valid: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class Check:
    text: str
    name: str | None = None
    not_valid: bool = False
    at: int = -1


class IndexKind(StrEnum):
    PRIMARY = "primary"
    UNIQUE = "unique"
    PLAIN = "plain"
    FULLTEXT = "fulltext"
    SPATIAL = "spatial"
    EXCLUSION = "exclusion"  # PostgreSQL's EXCLUDE constraint


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One column of an index; ``column`` is "" for an expression, whose text is ``expression``.
    ``prefix``: MySQL's length of the leading part."""

    column: str
    expression: str = ""
    prefix: int | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index, or a primary key or unique constraint, which is one too. ``method`` in lower case
    (btree, hash, gin, …), "" when not said. ``using_index``: the existing index that a constraint
    adopts (PostgreSQL)."""

    kind: IndexKind
    parts: tuple[KeyPart, ...]
    name: str | None = None
    method: str = ""
    include: tuple[str, ...] = ()
    where: str = ""
    constraint: bool = False  # written as a constraint rather than an index
    using_index: str = ""
    comment: str = ""
    at: int = -1

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(part.column for part in self.parts)

    @property
    def unique(self) -> bool:
        return self.kind in (IndexKind.PRIMARY, IndexKind.UNIQUE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as defined; ``nullable`` None when not said. Inline PRIMARY KEY and UNIQUE are also in the
    table's ``indexes``, inline REFERENCES in its ``foreign_keys``, inline CHECK in its ``checks``."""

    name: str
    type: ColumnType | None = None
    nullable: bool | None = None
    default: Expression | None = None
    generated: Expression | None = None  # GENERATED ALWAYS AS (…)
    stored: bool = False  # of a generated column
    auto_increment: bool = False  # AUTO_INCREMENT, AUTOINCREMENT, serial types, IDENTITY
    identity: str = ""  # ALWAYS or BY DEFAULT, of GENERATED … AS IDENTITY
    serial: bool = False  # PostgreSQL's serial types
    primary: bool = False
    unique: bool = False
    comment: str | None = None
    charset: str = ""
    collation: str = ""
    on_update: Expression | None = None
    invisible: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class Partitioning:
    """``method`` in upper case (RANGE, LIST, HASH, KEY, RANGE COLUMNS …); ``count`` of partitions named or
    ordered, None when not said."""

    method: str
    columns: tuple[str, ...] = ()
    count: int | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a statement defines it, or as the catalogue has it.

    ``options`` by upper-case name: ENGINE, CHARSET, COLLATE, COMMENT, AUTO_INCREMENT, ROW_FORMAT,
    TABLESPACE, STRICT, WITHOUT_ROWID, UNLOGGED … values as written without quotes. ``rows`` (the
    server's own estimate) and ``size_bytes`` only from a catalogue.
    """

    ref: ObjectRef
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    partitioning: Partitioning | None = None
    partition_of: ObjectRef | None = None
    inherits: tuple[ObjectRef, ...] = ()
    view: bool = False
    rows: int | None = None
    size_bytes: int | None = None

    def column(self, name: str) -> Column | None:
        folded = name.casefold()
        return next((column for column in self.columns if column.name.casefold() == folded), None)

    @property
    def primary_key(self) -> Index | None:
        return next((index for index in self.indexes if index.kind is IndexKind.PRIMARY), None)


# ---------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class CreateTable:
    """``includes``: what LIKE takes over beside columns, types and NOT NULL (COMMENTS, CONSTRAINTS, DEFAULTS,
    GENERATED, IDENTITY, INDEXES); None where it takes all (MySQL)."""

    table: Table
    if_not_exists: bool = False
    replaces: bool = False
    temporary: bool = False
    like: ObjectRef | None = None
    as_query: bool = False  # CREATE TABLE … AS SELECT: the columns aren't all known
    at: int = -1
    includes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class AddColumn:
    column: Column
    if_not_exists: bool = False
    position: str = ""  # "", "FIRST" or the name of the column it comes after
    at: int = -1


@dataclass(frozen=True, slots=True)
class DropColumn:
    name: str
    if_exists: bool = False
    cascade: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class ChangeColumn:
    """MODIFY and CHANGE of the MySQL family: a whole definition in place of the old one. With another
    ``column.name`` than ``name`` it renames too. ``position`` as for AddColumn."""

    name: str
    column: Column
    position: str = ""
    at: int = -1


@dataclass(frozen=True, slots=True)
class RenameColumn:
    name: str
    to: str
    at: int = -1


@dataclass(frozen=True, slots=True)
class SetType:
    name: str
    type: ColumnType
    using: str = ""
    collation: str = ""
    at: int = -1


@dataclass(frozen=True, slots=True)
class SetDefault:
    """``default`` None: DROP DEFAULT."""

    name: str
    default: Expression | None
    at: int = -1


@dataclass(frozen=True, slots=True)
class SetNullable:
    """SET NOT NULL (False) or DROP NOT NULL (True)."""

    name: str
    nullable: bool
    at: int = -1


@dataclass(frozen=True, slots=True)
class SetIdentity:
    """ADD/SET/DROP IDENTITY, DROP EXPRESSION: ``operation`` in upper case."""

    name: str
    operation: str
    at: int = -1


@dataclass(frozen=True, slots=True)
class AddIndex:
    index: Index
    if_not_exists: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class AddForeignKey:
    foreign_key: ForeignKey
    at: int = -1


@dataclass(frozen=True, slots=True)
class AddCheck:
    check: Check
    at: int = -1


@dataclass(frozen=True, slots=True)
class DropPart:
    """``kind``: index, primary key, foreign key, check, constraint."""

    kind: str
    name: str
    if_exists: bool = False
    cascade: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class RenamePart:
    """``kind``: index or constraint."""

    kind: str
    name: str
    to: str
    at: int = -1


@dataclass(frozen=True, slots=True)
class RenameTo:
    to: ObjectRef
    at: int = -1


@dataclass(frozen=True, slots=True)
class SetOption:
    """``name`` as in Table.options; for storage parameters, tablespace, owner, logged/unlogged, replica
    identity, row security, triggers and the like too, in upper case."""

    name: str
    value: str
    at: int = -1


@dataclass(frozen=True, slots=True)
class ConvertCharset:
    """CONVERT TO CHARACTER SET: rewrites the stored text."""

    charset: str
    collation: str = ""
    at: int = -1


@dataclass(frozen=True, slots=True)
class ValidateConstraint:
    name: str
    at: int = -1


@dataclass(frozen=True, slots=True)
class PartitionAction:
    """``operation`` in upper case: ADD, DROP, TRUNCATE, EXCHANGE, REORGANIZE, COALESCE, REMOVE, PARTITION
    (define anew), ATTACH, DETACH …"""

    operation: str
    names: tuple[str, ...] = ()
    table: ObjectRef | None = None
    concurrently: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class OtherAction:
    """Known to the reader and harmless to the model (ORDER BY, FORCE, CLUSTER ON …): ``text`` upper case."""

    text: str
    at: int = -1


Action = (
    AddColumn
    | DropColumn
    | ChangeColumn
    | RenameColumn
    | SetType
    | SetDefault
    | SetNullable
    | SetIdentity
    | AddIndex
    | AddForeignKey
    | AddCheck
    | DropPart
    | RenamePart
    | RenameTo
    | SetOption
    | ConvertCharset
    | ValidateConstraint
    | PartitionAction
    | OtherAction
)


@dataclass(frozen=True, slots=True)
class AlterTable:
    """``algorithm``/``lock`` in upper case as asked for (ALGORITHM=INPLACE, LOCK=NONE), "" when not."""

    table: ObjectRef
    actions: tuple[Action, ...]
    if_exists: bool = False
    algorithm: str = ""
    lock: str = ""
    ignore: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class CreateIndex:
    table: ObjectRef
    index: Index
    concurrently: bool = False
    if_not_exists: bool = False
    algorithm: str = ""
    lock: str = ""
    at: int = -1


@dataclass(frozen=True, slots=True)
class DropIndex:
    """``table`` None where the dialect's syntax doesn't name it."""

    names: tuple[ObjectRef, ...]
    table: ObjectRef | None = None
    concurrently: bool = False
    if_exists: bool = False
    cascade: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class DropTable:
    tables: tuple[ObjectRef, ...]
    if_exists: bool = False
    cascade: bool = False
    temporary: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class RenameTable:
    """RENAME TABLE a TO b, …; and ALTER … RENAME of views, sequences and the like with their ``type``."""

    pairs: tuple[tuple[ObjectRef, ObjectRef], ...]
    at: int = -1


@dataclass(frozen=True, slots=True)
class Truncate:
    tables: tuple[ObjectRef, ...]
    cascade: bool = False
    restart_identity: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class CreateView:
    view: ObjectRef
    replaces: bool = False
    materialized: bool = False
    columns: tuple[str, ...] = ()
    definer: str = ""
    security: str = ""  # DEFINER or INVOKER, as said
    at: int = -1
    select: Select | None = None  # its first SELECT, which names the columns where the view itself doesn't


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    """A database (MySQL's schema too), or a schema of PostgreSQL (``ref.type``); also ALTER (``alters``)."""

    ref: ObjectRef
    charset: str = ""
    collation: str = ""
    if_not_exists: bool = False
    alters: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class CreateRoutine:
    """``ref.type``: procedure, function, trigger, event, package, rule. ``language`` in lower case.
    ``settings``: the variables that it sets while it runs (PostgreSQL's SET clause), in lower case."""

    ref: ObjectRef
    replaces: bool = False
    table: ObjectRef | None = None  # of a trigger
    definer: str = ""
    security: str = ""
    language: str = ""
    at: int = -1
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateType:
    """``variety``: enum, composite, range, domain, base. ``values`` of an enum, without quotes;
    ``constraints`` of a domain: CHECK, NOT NULL."""

    ref: ObjectRef
    variety: str
    values: tuple[str, ...] = ()
    at: int = -1
    constraints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlterType:
    """``operation`` in upper case: ADD VALUE, RENAME VALUE, ADD ATTRIBUTE, ADD CONSTRAINT (of a domain) …"""

    ref: ObjectRef
    operation: str
    value: str = ""
    not_valid: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class CreateSequence:
    ref: ObjectRef
    cycle: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class CreateExtension:
    """CREATE EXTENSION; ``schema`` "" when not said."""

    name: str
    schema: str = ""
    if_not_exists: bool = False
    cascade: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class Comment:
    """COMMENT ON: ``text`` None removes it; ``column`` "" when it is about the object itself."""

    ref: ObjectRef
    text: str | None
    column: str = ""
    at: int = -1


@dataclass(frozen=True, slots=True)
class DropObject:
    """DROP of anything but tables and indexes; ``refs`` with their ``type``."""

    refs: tuple[ObjectRef, ...]
    if_exists: bool = False
    cascade: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class Maintenance:
    """VACUUM, CLUSTER, REINDEX, REFRESH MATERIALIZED VIEW, OPTIMIZE, REPAIR, ANALYZE, LOCK TABLE …:
    ``operation`` in upper case; ``full`` for VACUUM FULL."""

    operation: str
    refs: tuple[ObjectRef, ...] = ()
    concurrently: bool = False
    full: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT or REVOKE (``revokes``): privileges in upper case, grantees as written."""

    privileges: tuple[str, ...]
    refs: tuple[ObjectRef, ...] = ()
    grantees: tuple[str, ...] = ()
    with_grant_option: bool = False
    revokes: bool = False
    at: int = -1


@dataclass(frozen=True, slots=True)
class SetVariable:
    """SET name = value, as far as it is allowed (time-outs and the like): ``name`` in lower case."""

    name: str
    value: str
    local: bool = False
    at: int = -1


Definitions = (
    CreateTable
    | AlterTable
    | CreateIndex
    | DropIndex
    | DropTable
    | RenameTable
    | Truncate
    | CreateView
    | CreateDatabase
    | CreateRoutine
    | CreateType
    | AlterType
    | CreateSequence
    | CreateExtension
    | Comment
    | DropObject
    | Maintenance
    | Grant
    | SetVariable
)
