"""Rules that a policy writes itself, as expressions of CEL (https://cel.dev).

An expression sees one statement as a typed value, the fields of ``SHAPES``, and says whether to report it. It
can't call anything, loop without end or look elsewhere: the runtime bounds nesting and iterations, and its
regular expressions are RE2's. What is wrong with an expression is found when it is compiled, with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sluicegate.core.errors import InvalidInput
from sluicegate.core.messages import LANGUAGES, text
from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules.base import Options, Rule, Subject, Text
from sluicegate.sql.rules.defined import actions, columns, indexes, table_of
from sluicegate.sql.structure.definitions import AlterTable, Column, CreateTable, Index
from sluicegate.sql.structure.queries import Place, Query

if TYPE_CHECKING:
    from google.protobuf.message import Message

MAX_LENGTH: Final = 4_000  # characters
_PACKAGE: Final = "sluicegate"
_FAILED: Final = "expression_failed"

# What an expression sees: type -> field -> (its type, what it is). Fields are only ever added.
SHAPES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "Object": {
        "name": ("string", "without quotes"),
        "database": ("string", '"" when the statement leaves it to the session'),
        "schema": ("string", '"" when the statement leaves it to the session'),
        "type": ("string", "table, view, index, function, procedure, trigger, sequence, schema, database …"),
        "access": ("string", "read or write"),
    },
    "Column": {
        "name": ("string", "without quotes"),
        "type": ("string", "in upper case with its arguments: VARCHAR(30), DECIMAL(10,2), BIGINT UNSIGNED"),
        "base_type": ("string", "in upper case without arguments: VARCHAR"),
        "length": ("int", "the first argument of the type, 0 when there is none"),
        "nullable": ("bool", "not said to be NOT NULL, nor primary key"),
        "has_default": ("bool", "a DEFAULT is given"),
        "default": ("string", 'the default as written, "" when there is none'),
        "comment": ("string", '"" when there is none'),
        "primary": ("bool", "said at the column itself"),
        "unique": ("bool", "said at the column itself"),
        "auto_increment": ("bool", "AUTO_INCREMENT, serial types, IDENTITY"),
        "unsigned": ("bool", "of the type"),
        "charset": ("string", '"" when not said'),
        "collation": ("string", '"" when not said'),
    },
    "Index": {
        "name": ("string", '"" when the server is to choose it'),
        "kind": ("string", "primary, unique, plain, fulltext, spatial, exclusion"),
        "columns": ("[string]", "in order"),
        "unique": ("bool", "primary keys too"),
        "method": ("string", 'btree, gin …, "" when not said'),
    },
    "Query": {
        "verb": ("string", 'SELECT, INSERT, REPLACE, UPDATE, DELETE, MERGE …; "" for anything else'),
        "where": ("bool", "of UPDATE and DELETE, or of the outermost SELECT"),
        "has_limit": ("bool", "there is a LIMIT"),
        "limit": ("int", "its number, -1 when it isn't a plain number, 0 when there is none"),
        "joins": ("int", "how many joins, wherever they stand"),
        "star": ("bool", "some SELECT has * or t.*"),
        "distinct": ("bool", "some SELECT is DISTINCT"),
        "locking": ("bool", "FOR UPDATE, FOR SHARE …"),
        "subqueries": ("int", "SELECTs besides the outermost, the branches of UNION and WITH"),
        "set_operations": ("int", "UNION, EXCEPT, INTERSECT"),
        "ctes": ("int", "tables of WITH"),
        "rows": ("int", "of VALUES, 0 when the rows come from a query"),
        "columns": ("[string]", "of INSERT's column list"),
        "has_columns": ("bool", "INSERT has a column list"),
        "assigned": ("[string]", "the columns that SET names"),
        "ignore": ("bool", "INSERT, UPDATE, DELETE IGNORE and their like"),
        "upsert": ("bool", "ON DUPLICATE KEY UPDATE, ON CONFLICT"),
    },
    "Statement": {
        "kind": ("string", "query, dml, ddl, dcl, tcl, session, admin, procedural, unknown"),
        "operation": ("string", "SELECT, UPDATE, CREATE TABLE, ALTER TABLE …"),
        "text": ("string", "as written"),
        "objects": ("[Object]", "all that is named or reached"),
        "tables": ("[Object]", "the tables and views among them"),
        "reads": ("[Object]", "those that are read"),
        "writes": ("[Object]", "those that are written"),
        "read_in_full": (
            "bool",
            "the fields below are filled; false where the analysis doesn't read details",
        ),
        "table": ("string", 'the table that is defined or altered, "" for anything else'),
        "table_comment": ("string", "of CREATE TABLE"),
        "engine": ("string", "of CREATE TABLE and ALTER TABLE, as written"),
        "columns": ("[Column]", "defined or redefined"),
        "indexes": ("[Index]", "made, primary keys and unique constraints too"),
        "has_primary_key": ("bool", "CREATE TABLE says one"),
        "actions": ("[string]", "of ALTER TABLE: AddColumn, DropColumn, SetType, RenameTo …"),
        "query": ("Query", "of a data statement"),
    },
    "Ticket": {"kind": ("string", 'data_change or schema_change; "" outside of a ticket')},
    "Target": {
        "dialect": ("string", "mysql, mariadb, postgresql, sqlite …"),
        "family": ("string", "mysql for all that speak MySQL's language"),
        "database": ("string", '"" when unknown'),
        "schema": ("string", '"" when unknown'),
    },
}
VARIABLES: Final = {"statement": "Statement", "ticket": "Ticket", "target": "Target"}
_TABLES: Final = frozenset({"table", "view", "temporary"})
# Fields whose value is part of the text, not of the statement's shape.
_LITERAL: Final = re.compile(r"\b(?:text|limit|default|rows)\b")
_PLACE: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_BEYOND_TEXT: Final = re.compile("[\ud800-\udfff]")


class _Runtime:
    """The compiled shapes; made when the first expression comes, because loading it takes a while."""

    def __init__(self) -> None:
        from cel_expr_python import cel  # noqa: PLC0415
        from cel_expr_python.ext import ext_strings  # noqa: PLC0415
        from google.protobuf import descriptor_pool, message_factory  # noqa: PLC0415

        pool = descriptor_pool.DescriptorPool()
        pool.AddSerializedFile(_descriptor())
        self.types: dict[str, Callable[..., Message]] = {
            name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
            for name in SHAPES
        }
        variables = {name: cel.Type(f"{_PACKAGE}.{shape}") for name, shape in VARIABLES.items()}
        self.environment = cel.NewEnv(pool, variables=variables, extensions=[ext_strings.ExtStrings()])


@cache
def _runtime() -> _Runtime:
    return _Runtime()


def _descriptor() -> bytes:
    from google.protobuf import descriptor_pb2  # noqa: PLC0415

    field_type = descriptor_pb2.FieldDescriptorProto
    plain = {
        "string": field_type.TYPE_STRING,
        "bool": field_type.TYPE_BOOL,
        "int": field_type.TYPE_INT64,
    }
    file = descriptor_pb2.FileDescriptorProto(name="expressions.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in SHAPES.items():
        message = file.message_type.add(name=name)
        for number, (field, (kind, _)) in enumerate(fields.items(), 1):
            element = kind.strip("[]")
            added = message.field.add(
                name=field,
                number=number,
                label=field_type.LABEL_REPEATED if kind.startswith("[") else field_type.LABEL_OPTIONAL,
                type=plain.get(element, field_type.TYPE_MESSAGE),
            )
            if element not in plain:
                added.type_name = f".{_PACKAGE}.{element}"
    content: bytes = file.SerializeToString()
    return content


# ---------------------------------------------------------------- compiling


class Expression:
    """One compiled condition."""

    def __init__(self, source: str, compiled: Any) -> None:
        self.source = source
        self.reads_text = _LITERAL.search(source) is not None
        self._compiled = compiled

    def problem_or(self, subject: Subject) -> bool | str:
        """Whether it holds for the statement, or why that can't be said."""
        try:
            found = self._compiled.eval(data=_value(subject)).value()
        except RuntimeError as error:  # the runtime's only way to say that it gave up
            return _first_line(error)
        return found if isinstance(found, bool) else str(found)


def compiled(source: str, *, file: str, code: str) -> Expression:
    """Raises:
    InvalidInput: expression_invalid with ``line`` and ``column`` (from 1, in the expression),
        expression_not_boolean, expression_too_long.
    """
    if len(source) > MAX_LENGTH:
        raise InvalidInput("expression_too_long", file=file, code=code, max=MAX_LENGTH)
    try:
        found = _runtime().environment.compile(source)
    except RuntimeError as error:
        line, column, problem = _placed(error)
        raise InvalidInput(
            "expression_invalid", file=file, code=code, line=line, column=column, problem=problem
        ) from error
    if found.return_type().name() != "BOOL":
        raise InvalidInput("expression_not_boolean", file=file, code=code, type=found.return_type().name())
    return Expression(source, found)


def _placed(error: RuntimeError) -> tuple[int, int, str]:
    match = _PLACE.search(str(error))
    if match is None:
        return 1, 1, _first_line(error)
    return (
        int(match[1]),
        int(match[2]),
        match[3].replace(f"{_PACKAGE}.", "").removesuffix(" (in container '')"),
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]


def rule(code: str, policy: str, severity: Severity, title: Text, message: Text, when: Expression) -> Rule:
    """The expression as a rule that only its own policy switches on."""

    def check(subject: Subject, _options: Options) -> Iterator[Note]:
        found = when.problem_or(subject)
        if found is True:
            yield Note(code, -1, policy, params={"message_zh": message.zh, "message_en": message.en})
        elif found is not False:
            failed = {
                f"message_{language}": text(_FAILED, language, code=code, policy=policy, problem=found)
                for language in LANGUAGES
            }
            yield Note(code, -1, policy, params=failed)

    return Rule(
        id=code,
        code=code,
        severity=severity,
        check=check,
        everywhere=True,
        enabled=False,
        reads_text=when.reads_text,
        title=title,
        message=message,
    )


# ---------------------------------------------------------------- the value


def _value(subject: Subject) -> dict[str, Message]:
    """What all expressions see of the statement; made once for it."""
    if subject.memo is None:
        subject.memo = {
            "statement": _statement(subject),
            "ticket": _made("Ticket", kind=subject.context.ticket_kind or ""),
            "target": _made(
                "Target",
                dialect=subject.context.dialect or subject.family,
                family=subject.family,
                database=subject.context.database or "",
                schema=subject.context.schema or "",
            ),
        }
    value: dict[str, Message] = subject.memo
    return value


def _made(shape: str, **fields: object) -> Message:
    clean = {name: _clean(value) for name, value in fields.items()}
    return _runtime().types[shape](**clean)


def _clean(value: object) -> object:
    """Bytes that never were text can't be part of a string."""
    return _BEYOND_TEXT.sub("\ufffd", value) if isinstance(value, str) else value


def _statement(subject: Subject) -> Message:
    facts, structure = subject.facts, subject.structure
    objects = [(ref, _object(ref)) for ref in facts.objects]
    tables = [made for ref, made in objects if ref.type in _TABLES]
    defined = table_of(subject)
    table = structure.table if isinstance(structure, CreateTable) else None
    return _made(
        "Statement",
        kind=facts.kind.value,
        operation=facts.operation,
        text=subject.text,
        objects=[made for _, made in objects],
        tables=tables,
        reads=[made for ref, made in objects if ref.access == "read"],
        writes=[made for ref, made in objects if ref.access == "write"],
        read_in_full=structure is not None,
        table="" if defined is None else defined.name,
        table_comment="" if table is None else table.options.get("COMMENT", ""),
        engine=_engine(subject),
        columns=[_column(column) for column in columns(subject)],
        indexes=[_index(index) for index in indexes(subject)],
        has_primary_key=table is not None and table.primary_key is not None,
        actions=[type(action).__name__ for action in actions(subject)],
        query=_query(structure) if isinstance(structure, Query) else None,
    )


def _engine(subject: Subject) -> str:
    structure = subject.structure
    if isinstance(structure, CreateTable):
        return structure.table.options.get("ENGINE", "")
    if isinstance(structure, AlterTable):
        found = (getattr(action, "value", "") for action in structure.actions if _sets_engine(action))
        return str(next(found, ""))
    return ""


def _sets_engine(action: object) -> bool:
    return type(action).__name__ == "SetOption" and getattr(action, "name", "") == "ENGINE"


def _object(ref: ObjectRef) -> Message:
    return _made(
        "Object",
        name=ref.name,
        database=ref.database or "",
        schema=ref.schema or "",
        type=ref.type,
        access=ref.access.value,
    )


def _column(column: Column) -> Message:
    kind = column.type
    return _made(
        "Column",
        name=column.name,
        type="" if kind is None else str(kind),
        base_type="" if kind is None else kind.name,
        length=(kind.length or 0) if kind is not None else 0,
        nullable=column.nullable is not False and not column.primary,
        has_default=column.default is not None,
        default="" if column.default is None else column.default.text,
        comment=column.comment or "",
        primary=column.primary,
        unique=column.unique,
        auto_increment=column.auto_increment,
        unsigned=kind is not None and kind.unsigned,
        charset=column.charset,
        collation=column.collation,
    )


def _index(index: Index) -> Message:
    return _made(
        "Index",
        name=index.name or "",
        kind=index.kind.value,
        columns=list(_named(index.columns)),
        unique=index.unique,
        method=index.method,
    )


def _named(names: Iterable[str]) -> Iterator[str]:
    return (_BEYOND_TEXT.sub("\ufffd", name) for name in names)


def _query(query: Query) -> Message:
    main = query.main
    limits = (query.limit, None if main is None else main.limit)
    limit = next((number for number in limits if number is not None), None)
    inner = [select for select in query.selects if select.place not in _OUTER]
    return _made(
        "Query",
        verb=query.verb,
        where=query.where or (main is not None and main.where),
        has_limit=limit is not None,
        limit=limit or 0,
        joins=len(query.joins) + sum(len(select.joins) for select in query.selects),
        star=any(item.star for select in query.selects for item in select.items),
        distinct=any(select.distinct for select in query.selects),
        locking=any(select.locking for select in query.selects),
        subqueries=len(inner),
        set_operations=len(query.set_operations),
        ctes=len(query.ctes),
        rows=query.rows or 0,
        columns=list(_named(query.columns or ())),
        has_columns=query.columns is not None,
        assigned=list(_named(item.column.name for item in query.assignments)),
        ignore=query.ignore,
        upsert=bool(query.upsert),
    )


_OUTER: Final = frozenset({Place.MAIN, Place.SET_OPERATION, Place.CTE, Place.INSERT})
