"""PostgreSQL's functions, procedures, triggers and rules, read into values."""

from __future__ import annotations

from sluicegate.dialects.postgres.naming import qualified
from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.source import Source
from sluicegate.dialects.postgres.tables import target
from sluicegate.dialects.postgres.tree import only, strings
from sluicegate.sql.model import Access, ObjectRef
from sluicegate.sql.structure.definitions import CreateRoutine


def create_function(fields: Node, source: Source) -> CreateRoutine:
    kind = "procedure" if fields.get("is_procedure") else "function"
    language, security, settings = "", "", []
    for item in fields.get("options", []):
        option = only(item)[1]
        value = only(option.get("arg", {}))[1]
        match option.get("defname"):
            case "language":
                language = str(value.get("sval", "")).lower()
            case "security":
                security = "DEFINER" if value.get("boolval") else "INVOKER"
            case "set":
                settings.append(str(value.get("name", "")).lower())
    return CreateRoutine(
        ref=qualified(strings(fields.get("funcname", [])), kind),
        replaces=bool(fields.get("replace")),
        security=security,
        language=language,
        at=source.start,
        settings=tuple(settings),
    )


def create_trigger(fields: Node, source: Source) -> CreateRoutine:
    table = target(fields.get("relation", {}))
    return CreateRoutine(
        ref=ObjectRef(str(fields.get("trigname", "")), "trigger", Access.WRITE, table.schema),
        replaces=bool(fields.get("replace")),
        table=table,
        at=source.start,
    )


def create_rule(fields: Node, source: Source) -> CreateRoutine:
    table = target(fields.get("relation", {}))
    return CreateRoutine(
        ref=ObjectRef(str(fields.get("rulename", "")), "rule", Access.WRITE, table.schema),
        replaces=bool(fields.get("replace")),
        table=table,
        at=source.start,
    )
