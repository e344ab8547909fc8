"""PostgreSQL's definitions: their objects, and what in them destroys, waits or grants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.routine_bodies import note_body
from sluicegate.dialects.postgres.tree import Locate, TreeReader, only, strings, table
from sluicegate.sql.facts import Definition, Facts
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.words import words

Handler = Callable[[Node, Facts, Locate], None]

_SAFE_LANGUAGES: Final = frozenset({"sql", "plpgsql"})
_TRUSTED_EXTENSIONS: Final = words(
    """
    btree_gin btree_gist citext cube fuzzystrmatch hstore intarray isn ltree pg_trgm pgcrypto postgis
    seg tablefunc tcn unaccent uuid-ossp vector pg_stat_statements earthdistance dict_int lo bloom
    plpgsql postgis_topology timescaledb pg_partman
    """
)
_DANGEROUS_EXTENSIONS: Final = {
    "file_fdw": "FILE_READ", "adminpack": "FILE_WRITE", "pg_read_file": "FILE_READ", "dblink": "NETWORK",
    "postgres_fdw": "NETWORK", "http": "NETWORK", "pg_net": "NETWORK", "mysql_fdw": "NETWORK", "oracle_fdw": "NETWORK",
    "plpython3u": "OS_COMMAND", "plpythonu": "OS_COMMAND", "plperlu": "OS_COMMAND", "pltclu": "OS_COMMAND",
    "plsh": "OS_COMMAND", "pg_cron": "STORED_CODE",
}  # fmt: skip


def _define(facts: Facts, operation: str) -> None:
    facts.kind = StatementKind.DDL
    facts.operation = operation


def _ref(parts: list[str], kind: str) -> ObjectRef:
    return ObjectRef(
        parts[-1] if parts else "", kind, Access.WRITE, schema=parts[-2] if len(parts) > 1 else None
    )


def _temporary(ref: ObjectRef, facts: Facts) -> None:
    if ref.type == "temporary":
        facts.note("SESSION_STATE", -1, "TEMPORARY TABLE", Severity.WARNING)
        facts.temporary.append(ref.name)


# ---------------------------------------------------------------- tables


def _create_table(fields: Node, facts: Facts, _locate: Locate) -> None:
    _define(facts, "CREATE TABLE")
    ref = table(fields["relation"], Access.WRITE)
    facts.add(ref)
    _temporary(ref, facts)
    for item in fields.get("tableElts", []):
        kind, element = only(item)
        constraints = [only(one)[1] for one in element.get("constraints", [])]
        if kind == "Constraint":
            constraints = [element]
        for constraint in constraints:
            _reference(constraint, ref, facts)


def _reference(constraint: Node, child: ObjectRef, facts: Facts) -> None:
    """A foreign key that changes the child when the parent changes."""
    if constraint.get("contype") != "CONSTR_FOREIGN":
        return
    parent = table(constraint.get("pktable", {}))
    events = set()
    if constraint.get("fk_del_action") in ("c", "n", "d") or constraint.get("fkDelAction") in ("c", "n", "d"):
        events.add("DELETE")
    if constraint.get("fk_upd_action") in ("c", "n", "d") or constraint.get("fkUpdAction") in ("c", "n", "d"):
        events.add("UPDATE")
    # TRUNCATE … CASCADE follows every foreign key.
    events.add("TRUNCATE")
    written = ObjectRef(child.name, "table", Access.WRITE, child.schema, child.database)
    facts.definitions.append(Definition("cascade", parent, (written,), frozenset(events)))


def _create_as(fields: Node, facts: Facts, _locate: Locate) -> None:
    materialized = fields.get("objtype") == "OBJECT_MATVIEW"
    _define(facts, "CREATE MATERIALIZED VIEW" if materialized else "CREATE TABLE AS")
    ref = table(fields.get("into", {}).get("rel", {}), Access.WRITE, "view" if materialized else "table")
    facts.add(ref)
    _temporary(ref, facts)
    if "ExecuteStmt" in fields.get("query", {}):
        facts.note("DYNAMIC_SQL", -1, "EXECUTE")


def _view(fields: Node, facts: Facts, locate: Locate) -> None:
    _define(facts, "CREATE VIEW")
    ref = table(fields["view"], Access.WRITE, "view")
    facts.add(ref)
    before = len(facts.objects)
    TreeReader(facts, locate).read("ViewStmt", {"query": fields.get("query", {})})
    facts.definitions.append(Definition("view", ref, tuple(facts.objects[before:])))


def _index(fields: Node, facts: Facts, _locate: Locate) -> None:
    _define(facts, "CREATE INDEX")
    relation = table(fields["relation"], Access.WRITE)
    facts.add(relation)
    if fields.get("idxname"):
        facts.add(ObjectRef(fields["idxname"], "index", Access.WRITE, relation.schema))
    if fields.get("concurrent"):
        facts.transactional = False
        facts.note("NON_TX", -1, "CREATE INDEX CONCURRENTLY")
    else:
        facts.note("LOCK", -1, "CREATE INDEX")


_LOCKING: Final = {
    "AT_AlterColumnType": "ALTER COLUMN TYPE",
    "AT_SetNotNull": "SET NOT NULL",
    "AT_SetTableSpace": "SET TABLESPACE",
    "AT_SetLogged": "SET LOGGED",
    "AT_SetUnLogged": "SET UNLOGGED",
    "AT_AttachPartition": "ATTACH PARTITION",
    "AT_SetAccessMethod": "SET ACCESS METHOD",
    "AT_ValidateConstraint": "VALIDATE CONSTRAINT",
}
_TRIGGER_SWITCHES: Final = (
    "AT_EnableTrig",
    "AT_EnableAlways",
    "AT_EnableReplica",
    "AT_DisableTrig",
    "AT_EnableRule",
    "AT_DisableRule",
)
_ROW_SECURITY: Final = (
    "AT_EnableRowSecurity",
    "AT_DisableRowSecurity",
    "AT_ForceRowSecurity",
    "AT_NoForceRowSecurity",
)


def _alter_table(fields: Node, facts: Facts, _locate: Locate) -> None:
    kind = str(fields.get("objtype", "OBJECT_TABLE")).removeprefix("OBJECT_")
    _define(facts, f"ALTER {_OBJECT_WORDS.get(kind, kind)}")
    if kind == "FOREIGN_TABLE":
        facts.note("NETWORK", -1, facts.operation)
    object_type = {
        "INDEX": "index",
        "VIEW": "view",
        "MATVIEW": "view",
        "SEQUENCE": "sequence",
        "TYPE": "other",
    }
    ref = table(fields.get("relation", {}), Access.WRITE, object_type.get(kind, "table"))
    facts.add(ref)
    for item in fields.get("cmds", []):
        _action(only(item)[1], ref, facts)


def _action(command: Node, ref: ObjectRef, facts: Facts) -> None:
    subtype = str(command.get("subtype", ""))
    if subtype == "AT_DropColumn":
        facts.note("DESTRUCTIVE", -1, f"DROP COLUMN {command.get('name', '')}")
    elif subtype in _LOCKING:
        facts.note("LOCK", -1, _LOCKING[subtype])
    elif subtype in ("AT_AddConstraint", "AT_AddIndex"):
        constraint = only(command.get("def", {}))[1]
        _reference(constraint, ref, facts)
        skips = constraint.get("skip_validation") or constraint.get("skipValidation")
        if not skips and not constraint.get("indexname"):
            facts.note("LOCK", -1, "ADD CONSTRAINT")
    elif subtype == "AT_AddColumn":
        for item in only(command.get("def", {}))[1].get("constraints", []):
            _reference(only(item)[1], ref, facts)
    elif subtype in ("AT_DetachPartition", "AT_DetachPartitionFinalize"):
        facts.note("DESTRUCTIVE", -1, "DETACH PARTITION", Severity.WARNING)
        if only(command.get("def", {}))[1].get("concurrent"):
            facts.transactional = False
            facts.note("NON_TX", -1, "DETACH PARTITION CONCURRENTLY")
    elif subtype.startswith(_TRIGGER_SWITCHES):
        facts.note("INDIRECT", -1, subtype.removeprefix("AT_"), Severity.ERROR)
    elif subtype.startswith(_ROW_SECURITY) or subtype == "AT_ChangeOwner":
        facts.note("PRIVILEGE", -1, subtype.removeprefix("AT_"), Severity.WARNING)


# ---------------------------------------------------------------- DROP, TRUNCATE, renames

_OBJECT_WORDS: Final = {
    "MATVIEW": "MATERIALIZED VIEW",
    "FOREIGN_TABLE": "FOREIGN TABLE",
    "TSCONFIGURATION": "TEXT SEARCH CONFIGURATION",
    "TSDICTIONARY": "TEXT SEARCH DICTIONARY",
    "FOREIGN_SERVER": "SERVER",
    "FDW": "FOREIGN DATA WRAPPER",
    "EVENT_TRIGGER": "EVENT TRIGGER",
}
_OBJECT_TYPES: Final = {
    "TABLE": "table", "FOREIGN_TABLE": "table", "VIEW": "view", "MATVIEW": "view", "INDEX": "index", "SEQUENCE": "sequence",
    "FUNCTION": "function", "ROUTINE": "function", "PROCEDURE": "procedure", "AGGREGATE": "function", "SCHEMA": "schema",
    "DATABASE": "database", "ROLE": "user",
}  # fmt: skip
_RELATIONS: Final = ("table", "view", "sequence")
_OF_TABLE: Final = frozenset({"TRIGGER", "RULE", "POLICY"})
_HARMLESS_DROPS: Final = frozenset({"INDEX", "STATISTIC_EXT", "RULE", "TRIGGER"})
_OUTSIDE: Final = frozenset(
    {
        "FOREIGN_SERVER",
        "FDW",
        "EXTENSION",
        "SUBSCRIPTION",
        "LANGUAGE",
        "EVENT_TRIGGER",
        "ACCESS_METHOD",
        "PUBLICATION",
    }
)


def _names(item: Node) -> list[str]:
    """The qualified name in any of the forms that objects are named in."""
    kind, fields = only(item)
    if kind == "List":
        return strings(fields.get("items", []))
    if kind == "String":
        return [fields.get("sval", "")]
    if kind == "ObjectWithArgs":
        return strings(fields.get("objname", []))
    if kind == "TypeName":
        return strings(fields.get("names", []))
    return []


def granted(item: Node, kind: str) -> ObjectRef:
    """What a right is given on, in any of the forms that GRANT names it."""
    object_type = _OBJECT_TYPES.get(kind, "other")
    name, fields = only(item)
    return table(fields, Access.WRITE, object_type) if name == "RangeVar" else _ref(_names(item), object_type)


def _drop(fields: Node, facts: Facts, _locate: Locate) -> None:
    kind = str(fields.get("removeType", "")).removeprefix("OBJECT_")
    _define(facts, f"DROP {_OBJECT_WORDS.get(kind, kind.replace('_', ' '))}")
    for item in fields.get("objects", []):
        parts = _names(item)
        if kind in _OF_TABLE:
            facts.add(_ref(parts[:-1], "table"))
        elif kind == "SCHEMA":
            facts.add(ObjectRef(parts[-1] if parts else "", "schema", Access.WRITE))
        else:
            facts.add(_ref(parts, _OBJECT_TYPES.get(kind, "other")))
    if kind in _OUTSIDE:
        severity = Severity.ERROR if kind in ("EXTENSION", "PUBLICATION") else None
        facts.note("PRIVILEGE", -1, facts.operation, severity)
    cascades = fields.get("behavior") == "DROP_CASCADE"
    facts.note("DESTRUCTIVE", -1, facts.operation, _weight_of_drop(kind, cascades=cascades))
    if cascades:
        facts.note("INDIRECT", -1, "CASCADE")
    if fields.get("concurrent"):
        facts.transactional = False
        facts.note("NON_TX", -1, f"{facts.operation} CONCURRENTLY")


def _weight_of_drop(kind: str, *, cascades: bool) -> Severity | None:
    """A schema with all that is in it goes nowhere, as a database doesn't; alone it must be empty."""
    if kind == "SCHEMA" and cascades:
        return Severity.BLOCK
    if kind == "INDEX":
        return Severity.INFO
    return Severity.WARNING if kind in _HARMLESS_DROPS else None


def _truncate(fields: Node, facts: Facts, _locate: Locate) -> None:
    _define(facts, "TRUNCATE")
    for item in fields.get("relations", []):
        facts.add(table(only(item)[1], Access.WRITE))
    facts.note("DESTRUCTIVE", -1, "TRUNCATE")
    if fields.get("behavior") == "DROP_CASCADE":
        facts.note("INDIRECT", -1, "CASCADE")


def _rename(fields: Node, facts: Facts, _locate: Locate) -> None:
    kind = str(fields.get("renameType", "")).removeprefix("OBJECT_")
    _define(facts, f"ALTER {_OBJECT_WORDS.get(kind, kind.replace('_', ' '))} RENAME")
    if "relation" in fields:
        ref = table(fields["relation"], Access.WRITE, _OBJECT_TYPES.get(kind, "table"))
        facts.add(ref)
        if kind in _OBJECT_TYPES and ref.type in _RELATIONS:
            facts.add(replace(ref, name=str(fields.get("newname", ""))))
    elif kind in ("DATABASE", "ROLE", "SCHEMA"):
        for field in ("subname", "newname"):
            facts.add(ObjectRef(str(fields.get(field, "")), _OBJECT_TYPES[kind], Access.WRITE))
    elif "object" in fields:
        facts.add(_ref(_names(fields["object"]), _OBJECT_TYPES.get(kind, "other")))
    if kind in ("ROLE", "DATABASE", "TABLESPACE", "FOREIGN_SERVER", "FDW"):
        facts.kind = StatementKind.ADMIN
        facts.note("PRIVILEGE", -1, facts.operation)


def _relation_of(operation: str, object_type: str = "table", field: str = "relation") -> Handler:
    def handle(fields: Node, facts: Facts, _locate: Locate) -> None:
        _define(facts, operation)
        if field in fields:
            facts.add(table(fields[field], Access.WRITE, object_type))

    return handle


def _named(
    operation: str, field: str, object_type: str = "other", severity: Severity | None = None, code: str = ""
) -> Handler:
    def handle(fields: Node, facts: Facts, _locate: Locate) -> None:
        _define(facts, operation)
        value = fields.get(field)
        if isinstance(value, list):
            facts.add(_ref(strings(value), object_type))
        elif isinstance(value, str):
            facts.add(ObjectRef(value, object_type, Access.WRITE))
        elif isinstance(value, dict):
            facts.add(_ref(strings(value.get("objname", [])) or _names(value), object_type))
        if code:
            facts.note(code, -1, operation, severity)

    return handle


def _comment(fields: Node, facts: Facts, _locate: Locate) -> None:
    _define(facts, "COMMENT")
    kind = str(fields.get("objtype", "")).removeprefix("OBJECT_")
    parts = _names(fields.get("object", {}))
    if kind in ("COLUMN", "TABCONSTRAINT", "TRIGGER", "RULE", "POLICY"):
        parts, kind = parts[:-1], "TABLE"
    object_type = _OBJECT_TYPES.get(kind, "other")
    if object_type in ("schema", "database", "user"):
        parts = parts[-1:]
    if parts:
        facts.add(_ref(parts, object_type))


def _schema(fields: Node, facts: Facts, locate: Locate) -> None:
    _define(facts, "CREATE SCHEMA")
    facts.add(ObjectRef(str(fields.get("schemaname", "")), "schema", Access.WRITE))
    for item in fields.get("schemaElts", []):
        kind, element = only(item)
        handler = DEFINITIONS.get(kind)
        if handler is None:
            facts.unknown(-1, kind)
            return
        handler(element, facts, locate)
        _define(facts, "CREATE SCHEMA")


def _owner(fields: Node, facts: Facts, _locate: Locate) -> None:
    _define(facts, "ALTER OWNER")
    kind = str(fields.get("objectType", "")).removeprefix("OBJECT_")
    if "relation" in fields:
        facts.add(table(fields["relation"], Access.WRITE))
    elif "object" in fields:
        facts.add(_ref(_names(fields["object"]), _OBJECT_TYPES.get(kind, "other")))
    blocked = kind in ("DATABASE", "TABLESPACE", "FOREIGN_SERVER", "FDW", "SUBSCRIPTION", "LANGUAGE")
    facts.note("PRIVILEGE", -1, "OWNER TO", None if blocked else Severity.WARNING)


def _moved(fields: Node, facts: Facts, _locate: Locate) -> None:
    _define(facts, "ALTER SET SCHEMA")
    kind = str(fields.get("objectType", "")).removeprefix("OBJECT_")
    schema = str(fields.get("newschema", ""))
    if "relation" in fields:
        ref = table(fields["relation"], Access.WRITE, _OBJECT_TYPES.get(kind, "table"))
        facts.add(ref)
        facts.add(replace(ref, schema=schema))
    elif "object" in fields:
        facts.add(_ref(_names(fields["object"]), _OBJECT_TYPES.get(kind, "other")))
    facts.add(ObjectRef(schema, "schema", Access.WRITE))


# ---------------------------------------------------------------- code


def _function(fields: Node, facts: Facts, _locate: Locate) -> None:
    procedure = bool(fields.get("is_procedure") or fields.get("isProcedure"))
    _define(facts, "CREATE PROCEDURE" if procedure else "CREATE FUNCTION")
    facts.add(_ref(strings(fields.get("funcname", [])), "procedure" if procedure else "function"))
    facts.note("STORED_CODE", -1, facts.operation)
    _routine_options(fields.get("options", []), facts)


def _routine_options(items: list[Node], facts: Facts) -> None:
    for item in items:
        option = item.get("DefElem", {})
        name, value = option.get("defname"), only(option.get("arg", {}))[1]
        if name == "language" and str(value.get("sval", "")).lower() not in _SAFE_LANGUAGES:
            facts.note("OS_COMMAND", -1, f"LANGUAGE {value.get('sval', '')}")
        elif name == "security" and value.get("boolval"):
            facts.note("PRIVILEGE", -1, "SECURITY DEFINER", Severity.ERROR)
        elif name == "support":
            facts.note("PRIVILEGE", -1, "SUPPORT")
        elif name == "as":
            for text in strings(option.get("arg", {}).get("List", {}).get("items", [])):
                note_body(text, facts)


def _alter_function(fields: Node, facts: Facts, _locate: Locate) -> None:
    kind = str(fields.get("objtype", "OBJECT_FUNCTION")).removeprefix("OBJECT_")
    _define(facts, f"ALTER {kind}")
    name = strings(fields.get("func", {}).get("objname", []))
    facts.add(_ref(name, _OBJECT_TYPES.get(kind, "function")))
    facts.note("STORED_CODE", -1, facts.operation)
    _routine_options(fields.get("actions", []), facts)


_TRIGGER_EVENTS: Final = ((4, "INSERT"), (8, "DELETE"), (16, "UPDATE"), (32, "TRUNCATE"))


def _trigger(fields: Node, facts: Facts, _locate: Locate) -> None:
    _define(facts, "CREATE TRIGGER")
    ref = table(fields["relation"], Access.WRITE)
    facts.add(ref)
    function = _ref(strings(fields.get("funcname", [])), "function")
    facts.add(ObjectRef(function.name, "function", Access.READ, function.schema))
    facts.note("STORED_CODE", -1, "CREATE TRIGGER")
    events = int(fields.get("events", 0))
    operations = frozenset(name for bit, name in _TRIGGER_EVENTS if events & bit)
    facts.definitions.append(Definition("trigger", ref, (function,), operations))


def _rule(fields: Node, facts: Facts, locate: Locate) -> None:
    _define(facts, "CREATE RULE")
    ref = table(fields["relation"], Access.WRITE)
    facts.add(ref)
    facts.note("STORED_CODE", -1, "CREATE RULE")
    before = len(facts.objects)
    TreeReader(facts, locate).read("RuleStmt", {"actions": fields.get("actions", [])})
    event = str(fields.get("event", "")).removeprefix("CMD_")
    facts.definitions.append(Definition("rule", ref, tuple(facts.objects[before:]), frozenset({event})))


def _refresh(fields: Node, facts: Facts, _locate: Locate) -> None:
    _define(facts, "REFRESH MATERIALIZED VIEW")
    facts.add(table(fields["relation"], Access.WRITE, "view"))
    facts.note("STORED_CODE", -1, "REFRESH MATERIALIZED VIEW")
    if not fields.get("concurrent"):
        facts.note("LOCK", -1, "REFRESH MATERIALIZED VIEW")


def _extension(operation: str) -> Handler:
    def handle(fields: Node, facts: Facts, _locate: Locate) -> None:
        _define(facts, operation)
        name = str(fields.get("extname", "")).lower()
        code = _DANGEROUS_EXTENSIONS.get(name)
        if code is not None:
            facts.note(code, -1, name, Severity.BLOCK)
        facts.note(
            "PRIVILEGE", -1, f"EXTENSION {name}", Severity.WARNING if name in _TRUSTED_EXTENSIONS else None
        )

    return handle


def _event_trigger(_fields: Node, facts: Facts, _locate: Locate) -> None:
    _define(facts, "CREATE EVENT TRIGGER")
    facts.note("STORED_CODE", -1, "CREATE EVENT TRIGGER", Severity.BLOCK)


def _define_statement(fields: Node, facts: Facts, _locate: Locate) -> None:
    """CREATE AGGREGATE, OPERATOR, TYPE, COLLATION, TEXT SEARCH …"""
    kind = str(fields.get("kind", "")).removeprefix("OBJECT_")
    _define(facts, f"CREATE {_OBJECT_WORDS.get(kind, kind)}")
    facts.add(_ref(strings(fields.get("defnames", [])), "function" if kind == "AGGREGATE" else "other"))
    if kind in ("AGGREGATE", "OPERATOR"):
        facts.note("STORED_CODE", -1, facts.operation)
    elif kind in ("TYPE", "TSPARSER", "TSTEMPLATE"):
        facts.note("OS_COMMAND", -1, facts.operation)


DEFINITIONS: Final[dict[str, Handler]] = {
    "CreateStmt": _create_table,
    "CreateTableAsStmt": _create_as,
    "ViewStmt": _view,
    "IndexStmt": _index,
    "AlterTableStmt": _alter_table,
    "DropStmt": _drop,
    "TruncateStmt": _truncate,
    "RenameStmt": _rename,
    "CommentStmt": _comment,
    "CreateSchemaStmt": _schema,
    "AlterOwnerStmt": _owner,
    "AlterObjectSchemaStmt": _moved,
    "CreateSeqStmt": _relation_of("CREATE SEQUENCE", "sequence", "sequence"),
    "AlterSeqStmt": _relation_of("ALTER SEQUENCE", "sequence", "sequence"),
    "CreateFunctionStmt": _function,
    "AlterFunctionStmt": _alter_function,
    "CreateTrigStmt": _trigger,
    "RuleStmt": _rule,
    "RefreshMatViewStmt": _refresh,
    "CreateExtensionStmt": _extension("CREATE EXTENSION"),
    "AlterExtensionStmt": _extension("ALTER EXTENSION"),
    "AlterExtensionContentsStmt": _extension("ALTER EXTENSION"),
    "CreateEventTrigStmt": _event_trigger,
    "AlterEventTrigStmt": _event_trigger,
    "DefineStmt": _define_statement,
    "CreateEnumStmt": _named("CREATE TYPE", "typeName"),
    "AlterEnumStmt": _named("ALTER TYPE", "typeName"),
    "CompositeTypeStmt": _relation_of("CREATE TYPE", "other", "typevar"),
    "CreateRangeStmt": _named("CREATE TYPE", "typeName"),
    "CreateDomainStmt": _named("CREATE DOMAIN", "domainname"),
    "AlterDomainStmt": _named("ALTER DOMAIN", "typeName"),
    "AlterTypeStmt": _named("ALTER TYPE", "typeName"),
    "AlterCollationStmt": _named("ALTER COLLATION", "collname"),
    "CreateStatsStmt": _named("CREATE STATISTICS", "defnames"),
    "AlterStatsStmt": _named("ALTER STATISTICS", "defnames"),
    "CreateCastStmt": _named("CREATE CAST", "", severity=Severity.ERROR, code="STORED_CODE"),
    "CreateConversionStmt": _named(
        "CREATE CONVERSION", "conversionName", severity=Severity.ERROR, code="STORED_CODE"
    ),
    "CreateOpClassStmt": _named(
        "CREATE OPERATOR CLASS", "opclassname", severity=Severity.ERROR, code="STORED_CODE"
    ),
    "CreateOpFamilyStmt": _named("CREATE OPERATOR FAMILY", "opfamilyname"),
    "AlterOpFamilyStmt": _named(
        "ALTER OPERATOR FAMILY", "opfamilyname", severity=Severity.ERROR, code="STORED_CODE"
    ),
    "AlterOperatorStmt": _named("ALTER OPERATOR", "opername", severity=Severity.ERROR, code="STORED_CODE"),
    "CreateTransformStmt": _named("CREATE TRANSFORM", "", severity=Severity.BLOCK, code="OS_COMMAND"),
    "AlterTSDictionaryStmt": _named("ALTER TEXT SEARCH DICTIONARY", "dictname"),
    "AlterTSConfigurationStmt": _named("ALTER TEXT SEARCH CONFIGURATION", "cfgname"),
    "AlterObjectDependsStmt": _relation_of("ALTER DEPENDS ON EXTENSION"),
}
