"""What a token-level reader must know of its dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sluicegate.sql.model import Access, ObjectRef, Severity
from sluicegate.sql.tokens import QUOTED, STRING, VARIABLE, WORD, Token


@dataclass(frozen=True, slots=True)
class Danger:
    """Why a function or clause isn't plain computing."""

    code: str
    severity: Severity | None = None


@dataclass(frozen=True)
class Grammar:
    """Words are upper case.

    Attributes:
        safe_functions: built-in functions that only compute.
        dangers: built-in functions that do more.
        danger_prefixes: beginnings of names that are built in and do more, unless listed as safe.
        before_parenthesis: keywords behind which "(" is no call.
        qualifier: what the name before the dot of a table is: database or schema.
        table_statement: ``TABLE t`` is a query.
        multi_table: UPDATE and DELETE may name several tables.
        always_recursive: a common table expression sees itself without RECURSIVE.
        in_table: ``x IN table`` needs no sub-query.
        braces: ``{word expression}`` is the expression (escapes of ODBC).
        sequence_functions: functions whose first argument is a sequence, and what they do with it.
        builtin_schema: the schema of built-in functions, None when there is none.
        target_alias: ``UPDATE x SET … FROM t AS x`` writes one table, which x may only stand for.
        pipes_or: ``||`` is OR, not concatenation.
        scalar_with: WITH may name expressions, not only queries in parentheses.
    """

    safe_functions: frozenset[str]
    dangers: Mapping[str, Danger]
    before_parenthesis: frozenset[str]
    qualifier: str
    danger_prefixes: Mapping[str, Danger] = field(default_factory=dict)
    table_statement: bool = False
    multi_table: bool = False
    builtin_schema: str | None = None
    always_recursive: bool = False
    in_table: bool = False
    target_alias: bool = False
    scalar_with: bool = False
    pipes_or: bool = False
    braces: bool = False
    sequence_functions: Mapping[str, Access] = field(default_factory=dict)

    def ref(self, parts: list[str], *, kind: str = "table", access: Access = Access.READ) -> ObjectRef:
        qualifier = parts[-2] if len(parts) > 1 else None
        if self.qualifier == "database":
            return ObjectRef(parts[-1], kind, access, database=qualifier)
        return ObjectRef(parts[-1], kind, access, schema=qualifier)


_UNDOUBLE: Final = {"`": "``", '"': '""', "'": "''", "[": "]]"}


def unquote(token: Token) -> str:
    """The name that an identifier token stands for."""
    text = token.text
    if token.kind == QUOTED or (token.kind == STRING and text[0] in "'\""):
        mark = text[0]
        inner = text[1:-1]
        doubled = _UNDOUBLE.get(mark)
        return inner.replace(doubled, doubled[0]) if doubled and doubled in inner else inner
    return text


def is_name(token: Token) -> bool:
    return token.kind in (WORD, QUOTED)


def is_constant(token: Token) -> bool:
    return token.kind in (STRING, "NUMBER") or token.key in ("TRUE", "FALSE", "NULL")


def is_variable(token: Token) -> bool:
    return token.kind == VARIABLE
