"""ALTER TABLE of PostgreSQL and what renames, read into values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sluicegate.dialects.postgres.expressions import kind_of
from sluicegate.dialects.postgres.naming import named, object_type
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.source import Source
from sluicegate.dialects.postgres.tables import Parts, check, column, foreign_key, key, options, target
from sluicegate.dialects.postgres.tree import only, strings
from sluicegate.dialects.postgres.types import column_type
from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.structure import Structure
from sluicegate.sql.structure.definitions import (
    Action,
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddIndex,
    AlterTable,
    AlterType,
    DropColumn,
    DropPart,
    Expression,
    OtherAction,
    PartitionAction,
    RenameColumn,
    RenamePart,
    RenameTable,
    RenameTo,
    SetDefault,
    SetIdentity,
    SetNullable,
    SetOption,
    SetType,
    ValidateConstraint,
)

_KINDS: Final = {"TABLE": "table", "FOREIGN_TABLE": "table", "INDEX": "index", "MATVIEW": "view"}
_TYPE_ACTIONS: Final = {
    "AT_AddColumn": "ADD ATTRIBUTE",
    "AT_DropColumn": "DROP ATTRIBUTE",
    "AT_AlterColumnType": "ALTER ATTRIBUTE",
}
_REPLICA: Final = {"f": "FULL", "n": "NOTHING", "d": "DEFAULT", "i": "USING INDEX"}


# ---------------------------------------------------------------- ALTER TABLE


def alter_table(fields: Node, source: Source) -> Structure | None:
    kind = str(fields.get("objtype", "OBJECT_TABLE")).removeprefix("OBJECT_")
    relation = fields.get("relation", {})
    commands = [only(item)[1] for item in fields.get("cmds", [])]
    if kind == "TYPE":
        return _alter_type(relation, commands, source)
    if kind not in _KINDS:
        return None
    ranges = source.parts(source.after_name(source.at(relation)))
    found: list[Action] = []
    for number, command in enumerate(commands):
        first, last = ranges[number] if number < len(ranges) else (-1, -1)
        found += _actions(command, source, first, last)
    return AlterTable(
        table=target(relation, _KINDS[kind]),
        actions=tuple(found),
        if_exists=bool(fields.get("missing_ok")),
        at=source.start,
    )


def _alter_type(relation: Node, commands: list[Node], source: Source) -> AlterType | None:
    command = commands[0] if commands else {}
    operation = _TYPE_ACTIONS.get(str(command.get("subtype", "")))
    if operation is None:
        return None
    name = command.get("name") or only(command.get("def", {}))[1].get("colname", "")
    return AlterType(target(relation, "type"), operation, str(name), at=source.start)


def _actions(command: Node, source: Source, first: int, last: int) -> Iterator[Action]:
    at = source.tokens[first].start if 0 <= first < len(source.tokens) else source.start
    subtype = str(command.get("subtype", ""))
    if subtype == "AT_AddColumn":
        yield from _add_column(command, source, at)
    elif subtype == "AT_AddConstraint":
        yield _add_constraint(only(command.get("def", {}))[1], source, at)
    elif subtype == "AT_AlterColumnType":
        yield _set_type(command, source, at, first)
    elif subtype == "AT_ColumnDefault":
        yield _set_default(command, source, at, first)
    elif subtype == "AT_SetRelOptions":
        for name, value in options(only(command.get("def", {}))[1].get("items", [])).items():
            yield SetOption(name, value, at)
    else:
        maker = _ACTIONS.get(subtype)
        yield maker(command, at) if maker is not None else OtherAction(source.words(first, last), at)


def _add_column(command: Node, source: Source, at: int) -> Iterator[Action]:
    parts = Parts()
    made = column(only(command.get("def", {}))[1], source, parts)
    yield AddColumn(made, bool(command.get("missing_ok")), at=at)
    for constraint in parts.foreign_keys:
        yield AddForeignKey(constraint, constraint.at)
    for made_check in parts.checks:
        yield AddCheck(made_check, made_check.at)


def _add_constraint(constraint: Node, source: Source, at: int) -> Action:
    match constraint.get("contype"):
        case "CONSTR_FOREIGN":
            return AddForeignKey(foreign_key(constraint, source), at)
        case "CONSTR_CHECK":
            return AddCheck(check(constraint, source), at)
        case "CONSTR_PRIMARY" | "CONSTR_UNIQUE" | "CONSTR_EXCLUSION":
            return AddIndex(key(constraint, source), at=at)
        case "CONSTR_NOTNULL" if not constraint.get("skip_validation"):
            names = strings(constraint.get("keys", []))
            return SetNullable(names[0] if names else "", False, at)
        case _:
            return OtherAction("ADD CONSTRAINT", at)


def _set_type(command: Node, source: Source, at: int, first: int) -> SetType:
    definition = only(command.get("def", {}))[1]
    using = ""
    if "raw_default" in definition:
        place = source.find(frozenset({"USING"}), first)
        using = source.expression(place + 1) if place >= 0 else ""
    collation = strings(definition.get("collClause", {}).get("collname", []))
    return SetType(
        name=str(command.get("name", "")),
        type=column_type(definition.get("typeName", {})),
        using=using,
        collation=collation[-1] if collation else "",
        at=at,
    )


def _set_default(command: Node, source: Source, at: int, first: int) -> SetDefault:
    name = str(command.get("name", ""))
    if "def" not in command:
        return SetDefault(name, None, at)
    place = source.find(frozenset({"DEFAULT"}), first)
    text = source.expression(place + 1) if place >= 0 else ""
    return SetDefault(name, Expression(text, kind_of(command["def"])), at)


Maker = Callable[[Node, int], Action]


def _name(command: Node) -> str:
    return str(command.get("name", ""))


def _identity(operation: str) -> Maker:
    return lambda command, at: SetIdentity(_name(command), operation, at)


def _option(name: str, value: str | None = None) -> Maker:
    """``value`` None: the name in the command."""
    return lambda command, at: SetOption(name, _name(command) if value is None else value, at)


def _switch(name: str, word: str, of: str = "") -> Maker:
    return lambda command, at: SetOption(name, f"{word} {of or _name(command)}".strip(), at)


def _owner(command: Node, at: int) -> Action:
    return SetOption("OWNER", str(command.get("newowner", {}).get("rolename", "")), at)


def _replica(command: Node, at: int) -> Action:
    kind = only(command.get("def", {}))[1].get("identity_type", "")
    return SetOption("REPLICA IDENTITY", _REPLICA.get(kind, ""), at)


def _parent(operation: str) -> Maker:
    return lambda command, at: SetOption(operation, only(command.get("def", {}))[1].get("relname", ""), at)


def _partition(operation: str) -> Maker:
    def make(command: Node, at: int) -> Action:
        fields = only(command.get("def", {}))[1]
        table = target(fields.get("name", {}))
        return PartitionAction(
            operation, (table.name,), table, concurrently=bool(fields.get("concurrent")), at=at
        )

    return make


def _drop_column(command: Node, at: int) -> Action:
    return DropColumn(_name(command), bool(command.get("missing_ok")), _cascades(command), at)


def _drop_constraint(command: Node, at: int) -> Action:
    return DropPart("constraint", _name(command), bool(command.get("missing_ok")), _cascades(command), at)


def _cascades(command: Node) -> bool:
    return command.get("behavior") == "DROP_CASCADE"


_ACTIONS: Final[dict[str, Maker]] = {
    "AT_DropColumn": _drop_column,
    "AT_DropConstraint": _drop_constraint,
    "AT_SetNotNull": lambda command, at: SetNullable(_name(command), False, at),
    "AT_DropNotNull": lambda command, at: SetNullable(_name(command), True, at),
    "AT_AddIdentity": _identity("ADD IDENTITY"),
    "AT_SetIdentity": _identity("SET IDENTITY"),
    "AT_DropIdentity": _identity("DROP IDENTITY"),
    "AT_SetExpression": _identity("SET EXPRESSION"),
    "AT_DropExpression": _identity("DROP EXPRESSION"),
    "AT_ValidateConstraint": lambda command, at: ValidateConstraint(_name(command), at),
    "AT_AttachPartition": _partition("ATTACH"),
    "AT_DetachPartition": _partition("DETACH"),
    "AT_DetachPartitionFinalize": _partition("DETACH FINALIZE"),
    "AT_SetLogged": _option("LOGGED", ""),
    "AT_SetUnLogged": _option("UNLOGGED", ""),
    "AT_SetTableSpace": _option("TABLESPACE"),
    "AT_SetAccessMethod": _option("ACCESS METHOD"),
    "AT_ChangeOwner": _owner,
    "AT_ReplicaIdentity": _replica,
    "AT_AddInherit": _parent("INHERIT"),
    "AT_DropInherit": _parent("NO INHERIT"),
    "AT_EnableRowSecurity": _option("ROW SECURITY", "ENABLE"),
    "AT_DisableRowSecurity": _option("ROW SECURITY", "DISABLE"),
    "AT_ForceRowSecurity": _option("ROW SECURITY", "FORCE"),
    "AT_NoForceRowSecurity": _option("ROW SECURITY", "NO FORCE"),
    "AT_EnableTrig": _switch("TRIGGER", "ENABLE"),
    "AT_EnableAlwaysTrig": _switch("TRIGGER", "ENABLE ALWAYS"),
    "AT_EnableReplicaTrig": _switch("TRIGGER", "ENABLE REPLICA"),
    "AT_EnableTrigAll": _switch("TRIGGER", "ENABLE", "ALL"),
    "AT_EnableTrigUser": _switch("TRIGGER", "ENABLE", "USER"),
    "AT_DisableTrig": _switch("TRIGGER", "DISABLE"),
    "AT_DisableTrigAll": _switch("TRIGGER", "DISABLE", "ALL"),
    "AT_DisableTrigUser": _switch("TRIGGER", "DISABLE", "USER"),
    "AT_EnableRule": _switch("RULE", "ENABLE"),
    "AT_EnableAlwaysRule": _switch("RULE", "ENABLE ALWAYS"),
    "AT_EnableReplicaRule": _switch("RULE", "ENABLE REPLICA"),
    "AT_DisableRule": _switch("RULE", "DISABLE"),
}

# ---------------------------------------------------------------- renaming, moving


def rename(fields: Node, source: Source) -> Structure | None:
    kind = str(fields.get("renameType", "")).removeprefix("OBJECT_")
    old, new = str(fields.get("subname", "")), str(fields.get("newname", ""))
    relation = fields.get("relation", {})
    at = source.start
    optional = bool(fields.get("missing_ok"))
    if kind in ("TABLE", "FOREIGN_TABLE"):
        ref = target(relation)
        to = ObjectRef(new, "table", Access.WRITE, ref.schema, ref.database)
        return AlterTable(ref, (RenameTo(to, at),), optional, at=at)
    if kind == "COLUMN":
        return AlterTable(target(relation), (RenameColumn(old, new, at),), optional, at=at)
    if kind == "TABCONSTRAINT":
        return AlterTable(target(relation), (RenamePart("constraint", old, new, at),), optional, at=at)
    if kind == "ATTRIBUTE":
        return AlterType(target(relation, "type"), "RENAME ATTRIBUTE", new, at=at)
    if relation:
        ref = target(relation, object_type(kind))
    else:
        ref = named(fields.get("object", {}), object_type(kind), str(fields.get("subname", "")))
    if kind in ("TYPE", "DOMAIN"):
        return AlterType(ref, "RENAME", new, at=at)
    if kind == "DOMCONSTRAINT":
        return AlterType(ref, "RENAME CONSTRAINT", new, at=at)
    return RenameTable(((ref, ObjectRef(new, ref.type, Access.WRITE, ref.schema)),), at)


def set_schema(fields: Node, source: Source) -> Structure | None:
    kind = str(fields.get("objectType", "")).removeprefix("OBJECT_")
    schema = str(fields.get("newschema", ""))
    relation = fields.get("relation", {})
    if not relation:
        return None
    ref = target(relation, object_type(kind))
    to = ObjectRef(ref.name, ref.type, Access.WRITE, schema)
    if ref.type == "table":
        return AlterTable(ref, (RenameTo(to, source.start),), bool(fields.get("missing_ok")), at=source.start)
    return RenameTable(((ref, to),), source.start)
