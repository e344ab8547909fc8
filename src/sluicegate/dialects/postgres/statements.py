"""What a PostgreSQL statement is, by the type of its parse tree: an allow-list; every other type stays
unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sluicegate.dialects.postgres.ddl import DEFINITIONS, granted
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.tree import Locate, TreeReader, only, strings, table
from sluicegate.sql.facts import Facts
from sluicegate.sql.model import Access, ObjectRef, Severity, StatementKind
from sluicegate.sql.words import words

Handler = Callable[[Node, Facts, Locate], None]

_LEXER: Final = frozenset(
    {"standard_conforming_strings", "backslash_quote", "client_encoding", "escape_string_warning"}
)
_TRANSACTION: Final = words(
    """
    transaction session characteristics transaction_isolation transaction_read_only
    transaction_deferrable default_transaction_isolation default_transaction_read_only
    default_transaction_deferrable
    """
)


def classify(kind: str, fields: Node, facts: Facts, locate: Locate) -> None:
    """Fill ``facts`` for one statement of this type."""
    facts.reusable = facts.reusable and kind in _ALIKE
    handler = _HANDLERS.get(kind) or DEFINITIONS.get(kind)
    if handler is None:
        facts.unknown(-1, kind)
        return
    handler(fields, facts, locate)
    if kind not in _NO_WALK:
        TreeReader(facts, locate).read(kind, fields)
    if facts.kind is StatementKind.QUERY and facts.operation == "SELECT" and any(map(_stored, facts.objects)):
        facts.kind = StatementKind.DML  # in a WITH


def _stored(ref: ObjectRef) -> bool:
    """Rows are changed; nextval() and row locks change none."""
    return ref.access is Access.WRITE and ref.type in ("table", "view")


# ---------------------------------------------------------------- queries and changes


def _select(fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.QUERY
    facts.operation = "SELECT"
    into = _into(fields)
    if into is not None:
        facts.kind = StatementKind.DDL
        facts.operation = "CREATE TABLE AS"
        ref = table(into.get("rel", {}), Access.WRITE)
        facts.add(ref)
        if ref.type == "temporary":
            facts.note("SESSION_STATE", -1, "TEMPORARY TABLE", Severity.WARNING)
            facts.temporary.append(ref.name)
        else:
            facts.note("LINT", -1, "SELECT INTO")


def _into(fields: Node) -> Node | None:
    node: Node = fields
    while "larg" in node:  # UNION: INTO stands in the leftmost part
        node = node["larg"]
    into: Node | None = node.get("intoClause")
    return into


def _change(operation: str) -> Handler:
    def handle(_fields: Node, facts: Facts, _locate: Locate) -> None:
        facts.kind = StatementKind.DML
        facts.operation = operation

    return handle


def _copy(fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.DML
    facts.operation = "COPY"
    reads = bool(fields.get("is_from"))
    if fields.get("is_program"):
        facts.note("OS_COMMAND", -1, "PROGRAM")
    elif "filename" in fields:
        facts.note("FILE_READ" if reads else "FILE_WRITE", -1, "COPY")
    else:
        facts.note("CLIENT_COMMAND", -1, "COPY FROM STDIN" if reads else "COPY TO STDOUT")
    if "relation" in fields:
        facts.add(table(fields["relation"], Access.WRITE if reads else Access.READ))


def _call(fields: Node, facts: Facts, locate: Locate) -> None:
    facts.kind = StatementKind.PROCEDURAL
    facts.operation = "CALL"
    parts = strings(fields.get("funccall", {}).get("funcname", []))
    schema = parts[0] if len(parts) > 1 else None
    facts.add(ObjectRef(parts[-1] if parts else "", "procedure", Access.WRITE, schema=schema))
    facts.note("STORED_CODE", -1, ".".join(parts))
    for argument in fields.get("funccall", {}).get("args", []):
        TreeReader(facts, locate).read("", argument)


def _do(_fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.PROCEDURAL
    facts.operation = "DO"
    facts.note("DYNAMIC_SQL", -1, "DO")


def _explain(fields: Node, facts: Facts, locate: Locate) -> None:
    inner = Facts()
    inner_kind, inner_fields = only(fields.get("query", {}))
    classify(inner_kind, inner_fields, inner, locate)
    if option(fields, "analyze"):
        facts.kind, facts.operation = inner.kind, inner.operation
        facts.transactional = inner.transactional
        for ref in inner.objects:
            facts.add(ref)
        facts.notes += inner.notes
        facts.note("EXPLAIN_ANALYZE", -1, inner.operation)
        return
    facts.kind = StatementKind.QUERY if inner.kind is not StatementKind.UNKNOWN else inner.kind
    facts.operation = "EXPLAIN"
    for ref in inner.objects:
        facts.add(ObjectRef(ref.name, ref.type, Access.READ, ref.schema, ref.database))
    facts.notes += [note for note in inner.notes if note.code not in ("NO_WHERE", "TAUTOLOGY", "DATA_RETURN")]


def option(fields: Node, name: str) -> bool:
    """An option of the list is on: no value, or anything but off. Of several the server takes the last; one that is
    on is enough here."""
    items: list[Node] = fields.get("options") or fields.get("params") or []
    for item in items:
        option = item.get("DefElem", {})
        if option.get("defname") == name:
            kind, value = only(option.get("arg", {}))
            if kind == "Boolean":  # NO CYCLE
                return bool(value.get("boolval"))
            text = str(value.get("sval", value.get("ival", value.get("boolval", "on")))).lower()
            if text not in ("off", "false", "0"):
                return True
    return False


# ---------------------------------------------------------------- transactions and sessions


def _transaction(fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.TCL
    facts.operation = str(fields.get("kind", "")).removeprefix("TRANS_STMT_").replace("_", " ")
    facts.transactional = False
    facts.note("TX_CONTROL", -1, facts.operation)


def _constraints(_fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.TCL
    facts.operation = "SET CONSTRAINTS"
    facts.note("SESSION_STATE", -1, "SET CONSTRAINTS", Severity.WARNING)


def _set(fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.SESSION
    facts.operation = "RESET" if str(fields.get("kind", "")).startswith("VAR_RESET") else "SET"
    name = str(fields.get("name", "")).lower()
    words = set(name.split())
    if name in _LEXER:
        facts.note("SET_LEXER", -1, name)
    elif name in ("role", "session_authorization"):
        facts.note("PRIVILEGE", -1, name)
    elif words & _TRANSACTION:
        facts.kind = StatementKind.TCL
        facts.note("TX_CONTROL", -1, name)
    else:
        facts.note("SET_SESSION", -1, name or "ALL")
    if name == "search_path":
        first: Node = next(iter(fields.get("args", [])), {})
        value = only(first)[1].get("sval", {})
        facts.schema = value.get("sval") if isinstance(value, dict) else None


def _show(_fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.QUERY
    facts.operation = "SHOW"


def _session(operation: str, code: str = "SESSION_STATE", severity: Severity | None = None) -> Handler:
    def handle(_fields: Node, facts: Facts, _locate: Locate) -> None:
        facts.kind = StatementKind.SESSION
        facts.operation = operation
        facts.transactional = False
        facts.note(code, -1, operation, severity)

    return handle


def _notify(_fields: Node, facts: Facts, _locate: Locate) -> None:
    """Delivered when the transaction commits, so unlike its siblings it belongs to one."""
    facts.kind = StatementKind.SESSION
    facts.operation = "NOTIFY"
    facts.note("INDIRECT", -1, "NOTIFY", Severity.WARNING)


def _dynamic(operation: str) -> Handler:
    def handle(_fields: Node, facts: Facts, _locate: Locate) -> None:
        facts.kind = StatementKind.PROCEDURAL
        facts.operation = operation
        facts.note("DYNAMIC_SQL", -1, operation)

    return handle


def _lock(fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.SESSION
    facts.operation = "LOCK TABLE"
    for item in fields.get("relations", []):
        facts.add(table(only(item)[1], Access.WRITE))  # nobody else gets at it
    facts.note("LOCK", -1, "LOCK TABLE", Severity.ERROR)


# ---------------------------------------------------------------- accounts and the server


def _privilege(operation: str, severity: Severity | None = None) -> Handler:
    def handle(_fields: Node, facts: Facts, _locate: Locate) -> None:
        facts.kind = StatementKind.DCL
        facts.operation = operation
        facts.note("PRIVILEGE", -1, operation, severity)

    return handle


def _admin(operation: str, code: str, *, transactional: bool = True) -> Handler:
    severity = Severity.BLOCK if code == "DESTRUCTIVE" else None

    def handle(fields: Node, facts: Facts, _locate: Locate) -> None:
        facts.kind = StatementKind.ADMIN
        facts.operation = operation
        facts.transactional = transactional
        facts.note(code, -1, operation, severity)
        if "dbname" in fields:
            facts.add(ObjectRef(str(fields["dbname"]), "database", Access.WRITE))

    return handle


def _policy(operation: str) -> Handler:
    def handle(fields: Node, facts: Facts, _locate: Locate) -> None:
        facts.kind = StatementKind.DCL
        facts.operation = operation
        facts.add(table(fields.get("table", {}), Access.WRITE))
        facts.note("PRIVILEGE", -1, operation, Severity.WARNING)

    return handle


def _grant(fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.DCL
    facts.operation = "GRANT" if fields.get("is_grant") or fields.get("isGrant") else "REVOKE"
    facts.note("PRIVILEGE", -1, facts.operation)
    kind = str(fields.get("objtype", "")).removeprefix("OBJECT_")
    whole = fields.get("targtype") == "ACL_TARGET_ALL_IN_SCHEMA"
    for item in fields.get("objects", []):
        facts.add(granted(item, "SCHEMA" if whole else kind))


def _drop_owned(_fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.ADMIN
    facts.operation = "DROP OWNED"
    facts.note("DESTRUCTIVE", -1, "DROP OWNED", Severity.BLOCK)


def _vacuum(fields: Node, facts: Facts, _locate: Locate) -> None:
    vacuums = bool(fields.get("is_vacuumcmd") or fields.get("isVacuumcmd"))
    facts.kind = StatementKind.ADMIN
    facts.operation = "VACUUM" if vacuums else "ANALYZE"
    facts.transactional = not vacuums
    if vacuums:
        full = option(fields, "full")
        facts.note("NON_TX", -1, "VACUUM")
        if full:
            facts.note("LOCK", -1, "VACUUM FULL")


def _reindex(fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.ADMIN
    facts.operation = "REINDEX"
    concurrently = any(
        item.get("DefElem", {}).get("defname") == "concurrently" for item in fields.get("params", [])
    )
    whole = fields.get("kind") in (
        "REINDEX_OBJECT_SCHEMA",
        "REINDEX_OBJECT_SYSTEM",
        "REINDEX_OBJECT_DATABASE",
    )
    facts.transactional = not (concurrently or whole)
    if concurrently or whole:
        facts.note("NON_TX", -1, "REINDEX")
    if not concurrently:
        facts.note("LOCK", -1, "REINDEX")


def _cluster(fields: Node, facts: Facts, _locate: Locate) -> None:
    facts.kind = StatementKind.ADMIN
    facts.operation = "CLUSTER"
    facts.transactional = "relation" in fields
    facts.note("LOCK", -1, "CLUSTER")
    if "relation" in fields:
        facts.add(table(fields["relation"], Access.WRITE))


_FORBIDDEN_OBJECTS: Final = {
    "CreateFdwStmt": ("CREATE FOREIGN DATA WRAPPER", "NETWORK"),
    "AlterFdwStmt": ("ALTER FOREIGN DATA WRAPPER", "NETWORK"),
    "CreateForeignServerStmt": ("CREATE SERVER", "NETWORK"),
    "AlterForeignServerStmt": ("ALTER SERVER", "NETWORK"),
    "CreateUserMappingStmt": ("CREATE USER MAPPING", "NETWORK"),
    "AlterUserMappingStmt": ("ALTER USER MAPPING", "NETWORK"),
    "DropUserMappingStmt": ("DROP USER MAPPING", "NETWORK"),
    "CreateForeignTableStmt": ("CREATE FOREIGN TABLE", "NETWORK"),
    "ImportForeignSchemaStmt": ("IMPORT FOREIGN SCHEMA", "NETWORK"),
    "CreateSubscriptionStmt": ("CREATE SUBSCRIPTION", "NETWORK"),
    "AlterSubscriptionStmt": ("ALTER SUBSCRIPTION", "NETWORK"),
    "DropSubscriptionStmt": ("DROP SUBSCRIPTION", "NETWORK"),
    "CreatePLangStmt": ("CREATE LANGUAGE", "OS_COMMAND"),
    "CreateAmStmt": ("CREATE ACCESS METHOD", "OS_COMMAND"),
    "LoadStmt": ("LOAD", "OS_COMMAND"),
    "CheckPointStmt": ("CHECKPOINT", "ADMIN_FUNC"),
    "AlterTableMoveAllStmt": ("ALTER ALL IN TABLESPACE", "ADMIN_FUNC"),
}
_OUTSIDE_TRANSACTIONS: Final = {
    "AlterSystemStmt": ("ALTER SYSTEM", "PRIVILEGE"),
    "AlterDatabaseStmt": ("ALTER DATABASE", "PRIVILEGE"),
    "AlterDatabaseSetStmt": ("ALTER DATABASE", "PRIVILEGE"),
    "AlterDatabaseRefreshCollStmt": ("ALTER DATABASE", "PRIVILEGE"),
    "CreatedbStmt": ("CREATE DATABASE", "PRIVILEGE"),
    "DropdbStmt": ("DROP DATABASE", "DESTRUCTIVE"),
    "CreateTableSpaceStmt": ("CREATE TABLESPACE", "FILE_WRITE"),
    "DropTableSpaceStmt": ("DROP TABLESPACE", "ADMIN_FUNC"),
    "AlterTableSpaceOptionsStmt": ("ALTER TABLESPACE", "ADMIN_FUNC"),
}


_PRIVILEGES: Final = {
    "GrantRoleStmt": "GRANT", "CreateRoleStmt": "CREATE ROLE", "AlterRoleStmt": "ALTER ROLE",
    "AlterRoleSetStmt": "ALTER ROLE", "DropRoleStmt": "DROP ROLE", "ReassignOwnedStmt": "REASSIGN OWNED",
    "AlterDefaultPrivilegesStmt": "ALTER DEFAULT PRIVILEGES", "SecLabelStmt": "SECURITY LABEL",
}  # fmt: skip

# Statements of which two that differ in literals only are the same.
_ALIKE: Final = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
_NO_WALK: Final = frozenset({"ExplainStmt", "VariableSetStmt", "DropdbStmt", "GrantStmt", "CallStmt"})

_HANDLERS: Final[dict[str, Handler]] = {
    "SelectStmt": _select,
    "InsertStmt": _change("INSERT"),
    "UpdateStmt": _change("UPDATE"),
    "DeleteStmt": _change("DELETE"),
    "MergeStmt": _change("MERGE"),
    "CopyStmt": _copy,
    "CallStmt": _call,
    "DoStmt": _do,
    "ExplainStmt": _explain,
    "TransactionStmt": _transaction,
    "ConstraintsSetStmt": _constraints,
    "VariableSetStmt": _set,
    "VariableShowStmt": _show,
    "DiscardStmt": _session("DISCARD"),
    "DeclareCursorStmt": _session("DECLARE CURSOR"),
    "FetchStmt": _session("FETCH"),
    "ClosePortalStmt": _session("CLOSE"),
    "ListenStmt": _session("LISTEN"),
    "UnlistenStmt": _session("UNLISTEN"),
    "NotifyStmt": _notify,
    "PrepareStmt": _dynamic("PREPARE"),
    "ExecuteStmt": _dynamic("EXECUTE"),
    "DeallocateStmt": _dynamic("DEALLOCATE"),
    "LockStmt": _lock,
    "GrantStmt": _grant,
    "CreatePolicyStmt": _policy("CREATE POLICY"),
    "AlterPolicyStmt": _policy("ALTER POLICY"),
    "CreatePublicationStmt": _privilege("CREATE PUBLICATION", Severity.ERROR),
    "AlterPublicationStmt": _privilege("ALTER PUBLICATION", Severity.ERROR),
    "DropOwnedStmt": _drop_owned,
    "VacuumStmt": _vacuum,
    "ReindexStmt": _reindex,
    "ClusterStmt": _cluster,
    **{kind: _privilege(operation) for kind, operation in _PRIVILEGES.items()},
    **{kind: _admin(operation, code) for kind, (operation, code) in _FORBIDDEN_OBJECTS.items()},
    **{
        kind: _admin(operation, code, transactional=False)
        for kind, (operation, code) in _OUTSIDE_TRANSACTIONS.items()
    },
}
