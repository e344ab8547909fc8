"""Exact literals of PostgreSQL's types: the server's own text of the value, with its type.

A type's text reads back as the same value as long as the settings hold that the session pins
(DateStyle, IntervalStyle, extra_float_digits, bytea_output).
"""

from __future__ import annotations

import re

from sluicegate.dialects.postgres.wire import literal

NULL = "NULL"
PLAIN = frozenset({"smallint", "integer", "bigint", "boolean"})
# Their text depends on what isn't pinned: the locale, the search path, or the catalogue's own numbers.
_INEXACT = """
money regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure
regrole regtype aclitem pg_node_tree pg_snapshot refcursor
"""
INEXACT = frozenset(_INEXACT.split())
# Types whose "=" means sameness of the value. Of the others some have none (json, xml, point), some mean
# something else (box: area; interval: 30 days = 1 month; text under a collation without case).
SAME_BY_EQUALS = re.compile(
    r"(smallint|integer|bigint|boolean|numeric|real|double precision|date|timestamp|time|uuid|inet|cidr|macaddr"
    r"|macaddr8|bytea|jsonb|bit|bit varying|oid|int4range|int8range|numrange|daterange|tsrange|tstzrange)"
    r"(\(\d+(,-?\d+)?\))?( with(out)? time zone)?(\[\])?\Z"
)
_LITERAL = re.compile(r"(?P<text>E?'(?>[^'\\]+|\\\\|'')*')::(?P<type>.+)\Z", re.DOTALL)


def typed(text: str, type_text: str) -> str:
    """The literal of a value by its text and its type's name (qualified, quoted)."""
    if type_text in PLAIN:
        return text
    return f"{literal(text)}::{type_text}"


def equals(column: str, value: str) -> str:
    """A condition, true exactly when the column holds the literal's value."""
    if value == NULL:
        return f"{column} IS NULL"
    match = _LITERAL.match(value)
    if match is None or SAME_BY_EQUALS.match(match["type"]):
        return f"{column} IS NOT DISTINCT FROM {value}"
    return f'{column}::text COLLATE "C" IS NOT DISTINCT FROM {match["text"]} COLLATE "C"'
