"""`sluicegate review`: the analysis of scripts without a server.

Exit status: 0 nothing is denied, 1 something is denied, 2 used wrongly.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer

from sluicegate.cli.language import language, say
from sluicegate.cli.reviewed import JsonPrinter, Printer, SarifPrinter, TextPrinter
from sluicegate.core.errors import InvalidInput, SluicegateError
from sluicegate.core.messages import describe
from sluicegate.dialects import registry
from sluicegate.dialects.base import Dialect
from sluicegate.sql.catalogue import Catalogue
from sluicegate.sql.known import KnownObjects
from sluicegate.sql.model import AnalysisContext, TicketKind
from sluicegate.sql.policy import combined
from sluicegate.sql.policy import parse as parse_policy
from sluicegate.sql.ruleset import RuleSet

STANDARD_INPUT: Final = "-"
_VERSION: Final = re.compile(r"\d{1,3}(\.\d{1,3}){0,2}")
CHUNK: Final = 1 << 17  # bytes read at once


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


_PRINTERS: Final[dict[Format, type[Printer]]] = {
    Format.TEXT: TextPrinter,
    Format.JSON: JsonPrinter,
    Format.SARIF: SarifPrinter,
}


def review(
    files: Annotated[list[str], typer.Argument(help=say("help_review_files"), metavar="FILE…|-")],
    dialect: Annotated[str, typer.Option("--dialect", help=say("help_review_dialect"))],
    database: Annotated[str | None, typer.Option("--database", help=say("help_review_database"))] = None,
    schema: Annotated[str | None, typer.Option("--schema", help=say("help_review_schema"))] = None,
    kind: Annotated[TicketKind | None, typer.Option("--kind", help=say("help_review_kind"))] = None,
    server_version: Annotated[
        str | None, typer.Option("--server-version", help=say("help_review_version"), metavar="8.0.36")
    ] = None,
    definitions: Annotated[
        list[str] | None,
        typer.Option("--definitions", help=say("help_review_definitions"), metavar="FILE"),
    ] = None,
    policy: Annotated[list[str] | None, typer.Option("--policy", help=say("help_review_policy"))] = None,
    output: Annotated[Format, typer.Option("--format", help=say("help_review_format"))] = Format.TEXT,
) -> None:
    """Analyse SQL files."""
    try:
        chosen = registry.get(dialect)
        rules = _rules(policy)
        for file in files:  # nothing is printed when one of them can't be read
            with _opened(file):
                pass
        home = (schema or None) if chosen.features.has_schemas else database
        known, catalogue = _defined(chosen, definitions, home)
        context = AnalysisContext(
            database=database,
            schema=schema,
            ticket_kind=kind,
            server_version=_version(server_version),
            rules=rules,
            dialect=dialect,
            known=known,
            catalogue=catalogue,
        )
        printer = _PRINTERS[output](chosen)
        denied = 0
        printer.begin()
        for file in files:
            denied += printer.file(file, chosen.analyse_stream(_chunks(file), context)).denied
        printer.end()
    except SluicegateError as error:
        sys.stdout.flush()
        print(describe(error, language()), file=sys.stderr)
        raise typer.Exit(2) from error
    sys.stdout.flush()
    raise typer.Exit(1 if denied else 0)


def _rules(policies: list[str] | None) -> RuleSet | None:
    if not policies:
        return None
    return combined([parse_policy("".join(_chunks(policy)), policy) for policy in policies])


def _version(text: str | None) -> tuple[int, ...] | None:
    """``8.0.36``, ``10.11`` or ``16`` as numbers.

    Raises:
        InvalidInput: ``server_version_invalid``.
    """
    if text is None:
        return None
    if not _VERSION.fullmatch(text):
        raise InvalidInput("server_version_invalid", version=text)
    numbers = [int(number) for number in text.split(".")]
    return tuple([*numbers, 0, 0][:3])


def _defined(
    dialect: Dialect, files: list[str] | None, home: str | None
) -> tuple[KnownObjects | None, Catalogue | None]:
    """What scripts of definitions (dumps of the schema) say that the target holds."""
    if not files:
        return None, None
    script = ";\n".join("".join(_chunks(file)) for file in files)
    return KnownObjects(dialect.definitions(script)), dialect.catalogue(script, home)


def _chunks(file: str) -> Iterator[str]:
    """A script's text. Bytes that aren't UTF-8 stay visible to the analysis, which denies them."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with _opened(file) as opened:
        while content := opened.read(CHUNK):
            yield decoder.decode(content)
    yield decoder.decode(b"", final=True)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """Raises InvalidInput ``review_file_unreadable``, while it is read too."""
    try:
        if file == STANDARD_INPUT:
            yield sys.stdin.buffer
        else:
            with Path(file).open("rb") as opened:
                yield opened
    except OSError as error:
        raise InvalidInput(
            "review_file_unreadable", file=file, problem=error.strerror or str(error)
        ) from error
