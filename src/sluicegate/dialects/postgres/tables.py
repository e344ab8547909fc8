"""CREATE TABLE of PostgreSQL, its columns and its constraints, read into values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sluicegate.dialects.postgres.expressions import kind_of
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.source import CLAUSES, Source
from sluicegate.dialects.postgres.tree import only, strings, table
from sluicegate.dialects.postgres.types import column_type, is_serial
from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.structure.definitions import (
    Check,
    Column,
    CreateTable,
    Expression,
    ForeignKey,
    Index,
    IndexKind,
    KeyPart,
    Partitioning,
    Table,
)

_ACTIONS: Final = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_IDENTITY: Final = {"a": "ALWAYS", "d": "BY DEFAULT"}
_KEYS: Final = {
    "CONSTR_PRIMARY": IndexKind.PRIMARY,
    "CONSTR_UNIQUE": IndexKind.UNIQUE,
    "CONSTR_EXCLUSION": IndexKind.EXCLUSION,
}
_LIKE_PARTS: Final = (
    (1, "COMMENTS"), (4, "CONSTRAINTS"), (8, "DEFAULTS"), (16, "GENERATED"), (32, "IDENTITY"), (64, "INDEXES"),
)  # fmt: skip
_PARENTHESIS: Final = frozenset({"("})


@dataclass(slots=True)
class Parts:
    """What the constraints of a table or of a column make."""

    indexes: list[Index] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)


def target(fields: Node, kind: str = "table") -> ObjectRef:
    return table(fields, Access.WRITE, kind)


# ---------------------------------------------------------------- constraints


def foreign_key(constraint: Node, source: Source, column: str = "") -> ForeignKey:
    return ForeignKey(
        columns=(column,) if column else tuple(strings(constraint.get("fk_attrs", []))),
        references=table(constraint.get("pktable", {})),
        referenced=tuple(strings(constraint.get("pk_attrs", []))),
        name=constraint.get("conname"),
        on_delete=_ACTIONS.get(constraint.get("fk_del_action", ""), ""),
        on_update=_ACTIONS.get(constraint.get("fk_upd_action", ""), ""),
        not_valid=bool(constraint.get("skip_validation")),
        at=source.at(constraint),
    )


def check(constraint: Node, source: Source) -> Check:
    at = source.at(constraint)
    return Check(
        text=source.inside(source.index(at)) if at >= 0 else "",
        name=constraint.get("conname"),
        not_valid=bool(constraint.get("skip_validation")),
        at=at,
    )


def key(constraint: Node, source: Source, column: str = "") -> Index:
    """A primary key, unique or exclusion constraint."""
    at = source.at(constraint)
    if column:
        parts: tuple[KeyPart, ...] = (KeyPart(column),)
    elif "exclusions" in constraint:
        elements = [only(only(item)[1].get("items", [{}])[0])[1] for item in constraint["exclusions"]]
        opening = source.find(_PARENTHESIS, source.index(at)) if at >= 0 else -1
        parts = key_parts(elements, source, opening)
    else:
        parts = tuple(KeyPart(name) for name in strings(constraint.get("keys", [])))
    return Index(
        kind=_KEYS[constraint["contype"]],
        parts=parts,
        name=constraint.get("conname"),
        method=str(constraint.get("access_method", "")),
        include=tuple(strings(constraint.get("including", []))),
        constraint=True,
        using_index=str(constraint.get("indexname", "")),
        at=at,
    )


def key_parts(elements: list[Node], source: Source, opening: int) -> tuple[KeyPart, ...]:
    """The elements of an index, whose list begins with the parenthesis ``opening`` (-1: unknown)."""
    ranges = source.parts(opening + 1, source.closing(opening)) if opening >= 0 else []
    found = []
    for number, element in enumerate(elements):
        descending = element.get("ordering") == "SORTBY_DESC"
        if element.get("name"):
            found.append(KeyPart(element["name"], descending=descending))
            continue
        text = ""
        if number < len(ranges):
            first = ranges[number][0]
            last = source.find(_PARENTHESIS, first)
            text = source.inside(first) if last == first else source.text(first, source.closing(last) + 1)
        kind, expression = only(element.get("expr", {}))
        names = strings(expression.get("fields", [])) if kind == "ColumnRef" else []
        found.append(KeyPart(names[-1] if names else "", "" if names else text, descending=descending))
    return tuple(found)


def constraint_parts(constraint: Node, source: Source, parts: Parts, column: str = "") -> None:
    kind = constraint.get("contype")
    if kind == "CONSTR_FOREIGN":
        parts.foreign_keys.append(foreign_key(constraint, source, column))
    elif kind == "CONSTR_CHECK":
        parts.checks.append(check(constraint, source))
    elif kind in _KEYS:
        parts.indexes.append(key(constraint, source, column))


# ---------------------------------------------------------------- columns


@dataclass(slots=True)
class _Said:
    """What the constraints of one column say of it."""

    nullable: bool | None = None
    default: Expression | None = None
    generated: Expression | None = None
    stored: bool = False
    identity: str = ""
    primary: bool = False
    unique: bool = False


def column(definition: Node, source: Source, parts: Parts) -> Column:
    """A ColumnDef; the indexes, checks and foreign keys that it makes are added to ``parts``."""
    name = str(definition.get("colname", ""))
    type_name = definition.get("typeName", {})
    said = _Said()
    for item in definition.get("constraints", []):
        constraint = only(item)[1]
        _say(constraint, source, said)
        constraint_parts(constraint, source, parts, name)
    serial = is_serial(type_name)
    if serial or said.identity:
        said.nullable = False
    collation = strings(definition.get("collClause", {}).get("collname", []))
    return Column(
        name=name,
        type=column_type(type_name) if type_name else None,
        nullable=said.nullable,
        default=said.default,
        generated=said.generated,
        stored=said.stored,
        auto_increment=serial or bool(said.identity),
        identity=said.identity,
        serial=serial,
        primary=said.primary,
        unique=said.unique,
        collation=collation[-1] if collation else "",
        at=source.at(definition),
    )


def _say(constraint: Node, source: Source, said: _Said) -> None:
    match constraint.get("contype"):
        case "CONSTR_NOTNULL":
            said.nullable = False
        case "CONSTR_NULL":
            said.nullable = True
        case "CONSTR_DEFAULT":
            said.default = default(constraint, source)
        case "CONSTR_GENERATED":
            at = source.at(constraint)
            text = source.inside(source.index(at)) if at >= 0 else ""
            said.generated = Expression(text, kind_of(constraint.get("raw_expr", {})))
            said.stored = constraint.get("generated_kind", "s") == "s"
        case "CONSTR_IDENTITY":
            said.identity = _IDENTITY.get(constraint.get("generated_when", ""), "")
        case "CONSTR_PRIMARY":
            said.primary = True
        case "CONSTR_UNIQUE":
            said.unique = True


def default(constraint: Node, source: Source) -> Expression:
    """Of a constraint that says DEFAULT …"""
    at = source.at(constraint)
    first = source.index(at) if at >= 0 else -1
    if source.key(first) == "CONSTRAINT":
        first += 2
    text = source.expression(first + 1, CLAUSES) if source.key(first) == "DEFAULT" else ""
    return Expression(text, kind_of(constraint.get("raw_expr", {})))


# ---------------------------------------------------------------- tables


def create_table(fields: Node, source: Source) -> CreateTable:
    relation = fields.get("relation", {})
    parts = Parts()
    columns: list[Column] = []
    like: ObjectRef | None = None
    copied: tuple[str, ...] = ()
    for item in fields.get("tableElts", []):
        kind, element = only(item)
        if kind == "ColumnDef":
            columns.append(column(element, source, parts))
        elif kind == "Constraint":
            constraint_parts(element, source, parts)
        elif kind == "TableLikeClause":
            like = table(element.get("relation", {}))
            copied = _copied(int(element.get("options", 0)))
    parents = tuple(table(only(item)[1]) for item in fields.get("inhRelations", []))
    partition = parents[0] if "partbound" in fields and parents else None
    return CreateTable(
        table=Table(
            ref=target(relation),
            columns=tuple(columns),
            indexes=tuple(parts.indexes),
            foreign_keys=tuple(parts.foreign_keys),
            checks=tuple(parts.checks),
            options=_options(fields),
            partitioning=_partitioning(fields.get("partspec", {})),
            partition_of=partition,
            inherits=() if partition is not None else parents,
        ),
        if_not_exists=bool(fields.get("if_not_exists")),
        temporary=relation.get("relpersistence") == "t",
        like=like,
        includes=copied if like is not None else None,
        as_query="ofTypename" in fields,
        at=source.start,
    )


def create_table_as(fields: Node, into: Node, source: Source) -> CreateTable:
    """CREATE TABLE … AS and SELECT … INTO: the columns aren't known."""
    relation = into.get("rel", {})
    options = {"UNLOGGED": ""} if relation.get("relpersistence") == "u" else {}
    return CreateTable(
        table=Table(ref=target(relation), options=options),
        if_not_exists=bool(fields.get("if_not_exists")),
        temporary=relation.get("relpersistence") == "t",
        as_query=True,
        at=source.start,
    )


def _copied(options: int) -> tuple[str, ...]:
    return tuple(name for bit, name in _LIKE_PARTS if options & bit)


def _options(fields: Node) -> dict[str, str]:
    found = {}
    if fields.get("relation", {}).get("relpersistence") == "u":
        found["UNLOGGED"] = ""
    if fields.get("tablespacename"):
        found["TABLESPACE"] = str(fields["tablespacename"])
    if fields.get("accessMethod"):
        found["ACCESS METHOD"] = str(fields["accessMethod"])
    found.update(options(fields.get("options", [])))
    return found


def options(items: list[Node]) -> dict[str, str]:
    """A list of DefElem by upper-case name."""
    found = {}
    for item in items:
        element = only(item)[1]
        kind, argument = only(element.get("arg", {}))
        if kind == "TypeName":  # a word without quotation marks
            value = strings(argument.get("names", []))[-1]
        else:
            value = str(next(iter(argument.values()), ""))
        found[str(element.get("defname", "")).upper()] = value
    return found


def _partitioning(spec: Node) -> Partitioning | None:
    if not spec:
        return None
    method = str(spec.get("strategy", "")).removeprefix("PARTITION_STRATEGY_")
    columns = tuple(only(item)[1].get("name", "") for item in spec.get("partParams", []))
    return Partitioning(method, columns)
