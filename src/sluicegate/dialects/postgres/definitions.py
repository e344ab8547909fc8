"""PostgreSQL's definitions, read from the server's own parse tree into values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sluicegate.dialects.postgres.alterations import alter_table, rename, set_schema
from sluicegate.dialects.postgres.naming import named, object_type, qualified
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.query_structure import read_query
from sluicegate.dialects.postgres.routines import create_function, create_rule, create_trigger
from sluicegate.dialects.postgres.source import Source
from sluicegate.dialects.postgres.statements import option
from sluicegate.dialects.postgres.tables import create_table, create_table_as, key_parts, options, target
from sluicegate.dialects.postgres.tree import only, strings, table
from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.structure import Structure
from sluicegate.sql.structure.definitions import (
    AlterType,
    Comment,
    CreateDatabase,
    CreateExtension,
    CreateIndex,
    CreateSequence,
    CreateTable,
    CreateType,
    CreateView,
    DropIndex,
    DropObject,
    DropTable,
    Grant,
    Index,
    IndexKind,
    Maintenance,
    SetVariable,
    Truncate,
)
from sluicegate.sql.structure.queries import Select

Reader = Callable[[Node, Source], Structure | None]

_PARENTHESIS: Final = frozenset({"("})


def _index(fields: Node, source: Source) -> CreateIndex:
    relation = fields.get("relation", {})
    opening = source.find(_PARENTHESIS, source.after_name(source.at(relation)))
    elements = [only(item)[1] for item in fields.get("indexParams", [])]
    where = ""
    if "whereClause" in fields and opening >= 0:
        place = source.find(frozenset({"WHERE"}), opening)
        where = source.expression(place + 1) if place >= 0 else ""
    index = Index(
        kind=IndexKind.UNIQUE if fields.get("unique") else IndexKind.PLAIN,
        parts=key_parts(elements, source, opening),
        name=fields.get("idxname"),
        method=str(fields.get("accessMethod", "")),
        include=tuple(only(item)[1].get("name", "") for item in fields.get("indexIncludingParams", [])),
        where=where,
        at=source.start,
    )
    return CreateIndex(
        table=target(relation),
        index=index,
        concurrently=bool(fields.get("concurrent")),
        if_not_exists=bool(fields.get("if_not_exists")),
        at=source.start,
    )


def _view(fields: Node, source: Source) -> CreateView:
    settings = options(fields.get("options", []))
    invoker = settings.get("SECURITY_INVOKER")
    return CreateView(
        view=target(fields.get("view", {}), "view"),
        replaces=bool(fields.get("replace")),
        columns=tuple(strings(fields.get("aliases", []))),
        select=_first_select(fields, source),
        security="INVOKER" if invoker is not None and invoker.lower() not in ("false", "off", "0") else "",
        at=source.start,
    )


def _first_select(fields: Node, source: Source) -> Select | None:
    kind, inner = only(fields.get("query", {}) or {"": {}})
    query = read_query(kind, inner, source) if kind == "SelectStmt" else None
    return query.main if query is not None else None


def _create_as(fields: Node, source: Source) -> Structure:
    into = fields.get("into", {})
    if fields.get("objtype") == "OBJECT_MATVIEW":
        return CreateView(
            view=target(into.get("rel", {}), "view"),
            materialized=True,
            columns=tuple(strings(into.get("colNames", []))),
            select=_first_select(fields, source),
            at=source.start,
        )
    return create_table_as(fields, into, source)


def _select_into(fields: Node, source: Source) -> CreateTable | None:
    node = fields
    while "larg" in node:
        node = node["larg"]
    return create_table_as({}, node["intoClause"], source) if "intoClause" in node else None


# ---------------------------------------------------------------- dropping


def _drop(fields: Node, source: Source) -> Structure:
    kind = str(fields.get("removeType", "")).removeprefix("OBJECT_")
    refs = tuple(named(item, object_type(kind)) for item in fields.get("objects", []))
    if kind in ("TRIGGER", "RULE", "POLICY"):
        refs = tuple(ObjectRef(ref.name, ref.type, Access.WRITE) for ref in refs)
    optional = bool(fields.get("missing_ok"))
    cascade = fields.get("behavior") == "DROP_CASCADE"
    if kind in ("TABLE", "FOREIGN_TABLE"):
        return DropTable(refs, optional, cascade, at=source.start)
    if kind == "INDEX":
        return DropIndex(
            names=refs,
            concurrently=bool(fields.get("concurrent")),
            if_exists=optional,
            cascade=cascade,
            at=source.start,
        )
    return DropObject(refs, optional, cascade, at=source.start)


def _truncate(fields: Node, source: Source) -> Truncate:
    return Truncate(
        tables=tuple(target(only(item)[1]) for item in fields.get("relations", [])),
        cascade=fields.get("behavior") == "DROP_CASCADE",
        restart_identity=bool(fields.get("restart_seqs")),
        at=source.start,
    )


# ---------------------------------------------------------------- types, sequences, schemas, extensions


def _enum(fields: Node, source: Source) -> CreateType:
    ref = qualified(strings(fields.get("typeName", [])), "type")
    return CreateType(ref, "enum", tuple(strings(fields.get("vals", []))), source.start)


def _composite(fields: Node, source: Source) -> CreateType:
    return CreateType(target(fields.get("typevar", {}), "type"), "composite", at=source.start)


def _range(fields: Node, source: Source) -> CreateType:
    return CreateType(qualified(strings(fields.get("typeName", [])), "type"), "range", at=source.start)


def _domain(fields: Node, source: Source) -> CreateType:
    kinds = {only(item)[1].get("contype") for item in fields.get("constraints", [])}
    words = tuple(word for name, word in _DOMAIN_CONSTRAINTS if name in kinds)
    ref = qualified(strings(fields.get("domainname", [])), "domain")
    return CreateType(ref, "domain", constraints=words, at=source.start)


_DOMAIN_CONSTRAINTS: Final = (("CONSTR_CHECK", "CHECK"), ("CONSTR_NOTNULL", "NOT NULL"))
_DOMAIN_OPERATIONS: Final = {
    "T": "SET DEFAULT", "N": "DROP NOT NULL", "O": "SET NOT NULL", "C": "ADD CONSTRAINT", "X": "DROP CONSTRAINT",
    "V": "VALIDATE CONSTRAINT",
}  # fmt: skip


def _alter_domain(fields: Node, source: Source) -> AlterType:
    constraint = only(fields.get("def", {}))[1]
    return AlterType(
        ref=qualified(strings(fields.get("typeName", [])), "domain"),
        operation=_DOMAIN_OPERATIONS.get(fields.get("subtype", ""), ""),
        value=str(fields.get("name") or constraint.get("conname", "")),
        not_valid=bool(constraint.get("skip_validation")),
        at=source.start,
    )


def _alter_enum(fields: Node, source: Source) -> AlterType:
    old = fields.get("oldVal")
    return AlterType(
        ref=qualified(strings(fields.get("typeName", [])), "type"),
        operation="ADD VALUE" if old is None else "RENAME VALUE",
        value=str(fields.get("newVal", "") if old is None else old),
        at=source.start,
    )


def _define(fields: Node, source: Source) -> CreateType | None:
    if fields.get("kind") != "OBJECT_TYPE":
        return None
    return CreateType(qualified(strings(fields.get("defnames", [])), "type"), "base", at=source.start)


def _sequence(fields: Node, source: Source) -> CreateSequence:
    ref = target(fields.get("sequence", {}), "sequence")
    return CreateSequence(ref, option(fields, "cycle"), source.start)


def _schema(fields: Node, source: Source) -> CreateDatabase:
    name = fields.get("schemaname") or fields.get("authrole", {}).get("rolename", "")
    ref = ObjectRef(str(name), "schema", Access.WRITE)
    return CreateDatabase(ref, if_not_exists=bool(fields.get("if_not_exists")), at=source.start)


def _extension(fields: Node, source: Source) -> CreateExtension:
    return CreateExtension(
        name=str(fields.get("extname", "")),
        schema=options(fields.get("options", [])).get("SCHEMA", ""),
        if_not_exists=bool(fields.get("if_not_exists")),
        cascade=option(fields, "cascade"),
        at=source.start,
    )


# ---------------------------------------------------------------- comments, maintenance, rights, variables


def _comment(fields: Node, source: Source) -> Comment:
    kind = str(fields.get("objtype", "")).removeprefix("OBJECT_")
    ref = named(fields.get("object", {}), object_type(kind))
    column = ""
    if kind == "COLUMN":
        parts = strings(only(fields.get("object", {}))[1].get("items", []))
        ref, column = qualified(parts[:-1], "table"), parts[-1] if parts else ""
    return Comment(ref, fields.get("comment"), column, source.start)


def _vacuum(fields: Node, source: Source) -> Maintenance:
    refs = tuple(target(only(item)[1].get("relation", {})) for item in fields.get("rels", []))
    operation = "VACUUM" if fields.get("is_vacuumcmd") else "ANALYZE"
    return Maintenance(operation, refs, full=option(fields, "full"), at=source.start)


def _reindex(fields: Node, source: Source) -> Maintenance:
    kind = str(fields.get("kind", "")).removeprefix("REINDEX_OBJECT_")
    refs: tuple[ObjectRef, ...] = ()
    if "relation" in fields:
        refs = (target(fields["relation"], "index" if kind == "INDEX" else "table"),)
    elif fields.get("name"):
        refs = (ObjectRef(fields["name"], "schema" if kind == "SCHEMA" else "database", Access.WRITE),)
    return Maintenance("REINDEX", refs, concurrently=option(fields, "concurrently"), at=source.start)


def _cluster(fields: Node, source: Source) -> Maintenance:
    refs = (target(fields["relation"]),) if "relation" in fields else ()
    return Maintenance("CLUSTER", refs, at=source.start)


def _refresh(fields: Node, source: Source) -> Maintenance:
    refs = (target(fields.get("relation", {}), "view"),)
    concurrently = bool(fields.get("concurrent"))
    return Maintenance("REFRESH MATERIALIZED VIEW", refs, concurrently, at=source.start)


def _lock(fields: Node, source: Source) -> Maintenance:
    refs = tuple(target(only(item)[1]) for item in fields.get("relations", []))
    return Maintenance("LOCK TABLE", refs, at=source.start)


def _grant(fields: Node, source: Source) -> Grant:
    kind = str(fields.get("objtype", "")).removeprefix("OBJECT_")
    whole = fields.get("targtype") == "ACL_TARGET_ALL_IN_SCHEMA"
    refs = []
    for item in fields.get("objects", []):
        shape, element = only(item)
        if shape == "RangeVar":
            refs.append(table(element, Access.WRITE, object_type(kind)))
        else:
            refs.append(named(item, "schema" if whole else object_type(kind)))
    privileges = tuple(only(item)[1].get("priv_name", "").upper() for item in fields.get("privileges", []))
    grantees = (only(item)[1] for item in fields.get("grantees", []))
    return Grant(
        privileges=privileges or ("ALL",),
        refs=tuple(refs),
        grantees=tuple(
            one.get("rolename") or str(one.get("roletype", "")).removeprefix("ROLESPEC_") for one in grantees
        ),
        with_grant_option=bool(fields.get("grant_option")),
        revokes=not fields.get("is_grant"),
        at=source.start,
    )


def _set(fields: Node, source: Source) -> SetVariable | None:
    name = str(fields.get("name", "")).lower()
    if not name or name.startswith("transaction"):
        return None
    values: list[str] = []
    for item in fields.get("args", []):
        constant = only(item)[1]
        held: list[Node] = [
            constant[part] for part in ("sval", "ival", "fval", "boolval") if part in constant
        ]
        values.extend(str(next(iter(inner.values()), 0)) for inner in held)
    value = ", ".join(values) if values else "DEFAULT"
    return SetVariable(name, value, bool(fields.get("is_local")), source.start)


READERS: Final[dict[str, Reader]] = {
    "CreateStmt": create_table,
    "CreateTableAsStmt": _create_as,
    "SelectStmt": _select_into,
    "AlterTableStmt": alter_table,
    "RenameStmt": rename,
    "AlterObjectSchemaStmt": set_schema,
    "IndexStmt": _index,
    "ViewStmt": _view,
    "DropStmt": _drop,
    "TruncateStmt": _truncate,
    "CreateEnumStmt": _enum,
    "CompositeTypeStmt": _composite,
    "CreateRangeStmt": _range,
    "CreateDomainStmt": _domain,
    "AlterDomainStmt": _alter_domain,
    "AlterEnumStmt": _alter_enum,
    "DefineStmt": _define,
    "CreateSeqStmt": _sequence,
    "CreateSchemaStmt": _schema,
    "CreateExtensionStmt": _extension,
    "CreateFunctionStmt": create_function,
    "CreateTrigStmt": create_trigger,
    "RuleStmt": create_rule,
    "CommentStmt": _comment,
    "VacuumStmt": _vacuum,
    "ReindexStmt": _reindex,
    "ClusterStmt": _cluster,
    "RefreshMatViewStmt": _refresh,
    "LockStmt": _lock,
    "GrantStmt": _grant,
    "VariableSetStmt": _set,
}
