"""PostgreSQL's types as its manual names them, from the names that the parser gives them."""

from __future__ import annotations

from typing import Final

from sluicegate.dialects.postgres.parser import Node
from sluicegate.dialects.postgres.tree import only, strings
from sluicegate.sql.structure.definitions import ColumnType

_NAMES: Final = {
    "int2": "SMALLINT", "int4": "INTEGER", "int8": "BIGINT", "int": "INTEGER", "bool": "BOOLEAN",
    "float4": "REAL", "float8": "DOUBLE PRECISION", "decimal": "NUMERIC", "bpchar": "CHAR",
    "varbit": "BIT VARYING", "timestamptz": "TIMESTAMP WITH TIME ZONE", "timetz": "TIME WITH TIME ZONE",
}  # fmt: skip
_SERIAL: Final = {
    "smallserial": "SMALLINT", "serial2": "SMALLINT", "serial": "INTEGER", "serial4": "INTEGER",
    "bigserial": "BIGINT", "serial8": "BIGINT",
}  # fmt: skip
_ONE_CHARACTER: Final = "char"  # with quotation marks: a type of the server's own


def is_serial(type_name: Node) -> bool:
    names = strings(type_name.get("names", []))
    return len(names) == 1 and names[0] in _SERIAL


def column_type(type_name: Node) -> ColumnType:
    """The serial types are what they stand for; CHAR without a length has no argument."""
    names = strings(type_name.get("names", []))
    name = names[-1] if names else ""
    given: list[Node] = type_name.get("typmods", [])
    if name == "interval":
        given = given[1:]  # the first says which fields it has
    arguments = tuple(_argument(item) for item in given if _written(item))
    if len(names) == 1 and name in _SERIAL:
        shown = _SERIAL[name]
    elif len(names) == 1 and name == _ONE_CHARACTER:
        shown = '"CHAR"'
    elif len(names) == 1 and name == "bpchar":  # so written it has no limit
        shown = "BPCHAR"
    else:
        shown = _NAMES.get(name, name.upper())
    return ColumnType(shown, arguments, array=bool(type_name.get("arrayBounds")))


def _written(item: Node) -> bool:
    """CHAR and BIT get a length of 1 from the parser."""
    kind, fields = only(item)
    return kind != "A_Const" or fields.get("location", 0) >= 0


def _argument(item: Node) -> str:
    kind, fields = only(item)
    if kind == "A_Const":
        for name in ("ival", "fval", "sval"):
            if name in fields:
                return str(fields[name].get(name, 0))
    if kind == "ColumnRef":  # geometry(Point, 4326)
        return ".".join(strings(fields.get("fields", [])))
    return ""
