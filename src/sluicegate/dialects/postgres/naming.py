"""The names of PostgreSQL's objects in the forms that its parse trees have them."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.tree import only, strings
from sluicegate.sql.model import Access, ObjectRef

_TYPES: Final = {
    "FOREIGN_TABLE": "table", "MATVIEW": "view", "ROUTINE": "function", "AGGREGATE": "function",
    "EVENT_TRIGGER": "trigger", "ROLE": "user",
}  # fmt: skip
_KNOWN: Final = frozenset(
    {
        "TABLE", "VIEW", "INDEX", "SEQUENCE", "FUNCTION", "PROCEDURE", "SCHEMA", "TRIGGER", "DATABASE", "TYPE",
        "DOMAIN", "RULE", "POLICY", "EXTENSION",
    }
)  # fmt: skip


def object_type(kind: str) -> str:
    """Of the parser's ObjectType without its prefix."""
    return _TYPES.get(kind) or (kind.lower() if kind in _KNOWN else "other")


def name_parts(item: Node) -> list[str]:
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


def qualified(parts: list[str], kind: str) -> ObjectRef:
    return ObjectRef(
        parts[-1] if parts else "", kind, Access.WRITE, schema=parts[-2] if len(parts) > 1 else None
    )


def named(item: Node, kind: str, fallback: str = "") -> ObjectRef:
    return qualified(name_parts(item) or [fallback], kind)
