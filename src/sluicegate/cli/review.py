"""`sluicegate review`: the analysis of scripts without a server.

Exit status: 0 nothing is denied, 1 something is denied, 2 used wrongly.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sluicegate.cli.language import language, say
from sluicegate.core.errors import InvalidInput, SluicegateError
from sluicegate.core.messages import describe
from sluicegate.dialects import registry
from sluicegate.dialects.base import Dialect
from sluicegate.sql.findings import say as say_finding
from sluicegate.sql.model import AnalysisContext, Finding, Severity, Statement, TicketKind, Verdict
from sluicegate.sql.policy import combined
from sluicegate.sql.policy import parse as parse_policy
from sluicegate.sql.ruleset import RuleSet

STANDARD_INPUT = "-"


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One file's statements."""

    file: str
    statements: tuple[Statement, ...]

    @property
    def flagged(self) -> int:
        return sum(statement.verdict is Verdict.FLAG for statement in self.statements)

    @property
    def denied(self) -> int:
        return sum(statement.verdict is Verdict.DENY for statement in self.statements)

    @property
    def verdict(self) -> Verdict:
        if self.denied:
            return Verdict.DENY
        return Verdict.FLAG if self.flagged else Verdict.ALLOW


def review(
    files: Annotated[list[str], typer.Argument(help=say("help_review_files"), metavar="FILE…|-")],
    dialect: Annotated[str, typer.Option("--dialect", help=say("help_review_dialect"))],
    database: Annotated[str | None, typer.Option("--database", help=say("help_review_database"))] = None,
    schema: Annotated[str | None, typer.Option("--schema", help=say("help_review_schema"))] = None,
    kind: Annotated[TicketKind | None, typer.Option("--kind", help=say("help_review_kind"))] = None,
    policy: Annotated[list[str] | None, typer.Option("--policy", help=say("help_review_policy"))] = None,
    output: Annotated[Format, typer.Option("--format", help=say("help_review_format"))] = Format.TEXT,
) -> None:
    """Analyse SQL files."""
    try:
        chosen = registry.get(dialect)
        rules = _rules(policy)
        texts = [(file, _read(file)) for file in files]
    except SluicegateError as error:
        print(describe(error, language()), file=sys.stderr)
        raise typer.Exit(2) from error
    context = AnalysisContext(
        database=database, schema=schema, ticket_kind=kind, rules=rules, dialect=dialect
    )
    reviews = (Reviewed(file, tuple(chosen.analyse(script, context))) for file, script in texts)
    denied = False
    for reviewed in _printed(reviews, chosen, output):
        denied = denied or reviewed.verdict is Verdict.DENY
    raise typer.Exit(1 if denied else 0)


def _rules(policies: list[str] | None) -> RuleSet | None:
    if not policies:
        return None
    return combined([parse_policy(_text(_bytes(policy)), policy) for policy in policies])


def _read(file: str) -> str:
    """A script's text. Bytes that aren't UTF-8 stay visible to the analysis, which denies them."""
    return _text(_bytes(file))


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
    except OSError as error:
        raise InvalidInput(
            "review_file_unreadable", file=file, problem=error.strerror or str(error)
        ) from error


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


# ---------------------------------------------------------------- output


def _printed(reviews: Iterator[Reviewed], dialect: Dialect, output: Format) -> Iterator[Reviewed]:
    """Prints each as it comes (SARIF: all at the end) and passes it on."""
    sarif: list[dict[str, Any]] = []
    for reviewed in reviews:
        if output is Format.JSON:
            _write(json.dumps(_object(reviewed, dialect), ensure_ascii=False, separators=(",", ":")))
        elif output is Format.SARIF:
            sarif += _sarif_results(reviewed)
        else:
            _print_text(reviewed)
        yield reviewed
    if output is Format.SARIF:
        _write(json.dumps(_sarif(sarif), ensure_ascii=False, indent=2))


def _write(line: str) -> None:
    """As UTF-8 whatever the terminal speaks; bytes that never were text come out as U+FFFD."""
    sys.stdout.flush()
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def _message(finding: Finding) -> str:
    return say_finding(finding, language())


def _object(reviewed: Reviewed, dialect: Dialect) -> dict[str, Any]:
    return {
        "file": reviewed.file,
        "dialect": dialect.code,
        "statements": [_statement(statement) for statement in reviewed.statements],
        "summary": {
            "statements": len(reviewed.statements),
            "flagged": reviewed.flagged,
            "denied": reviewed.denied,
            "verdict": reviewed.verdict,
        },
    }


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "ordinal": statement.ordinal,
        "start": statement.start,
        "end": statement.end,
        "line": statement.line,
        "column": statement.column,
        "text": statement.text,
        "kind": statement.kind,
        "operation": statement.operation,
        "objects": [
            {
                "database": ref.database,
                "schema": ref.schema,
                "name": ref.name,
                "type": ref.type,
                "access": ref.access,
            }
            for ref in statement.objects
        ],
        "fingerprint": statement.fingerprint,
        "verdict": statement.verdict,
        "findings": [
            {
                "rule": finding.rule,
                "code": finding.code,
                "severity": finding.severity.code,
                "message": _message(finding),
                "line": finding.line,
                "column": finding.column,
            }
            for finding in statement.findings
        ],
    }


def _print_text(reviewed: Reviewed) -> None:
    for statement in reviewed.statements:
        if not statement.findings:
            continue
        verdict = say(f"verdict_{statement.verdict}")
        _write(f"{reviewed.file}:{statement.line}:{statement.column}: {statement.operation} [{verdict}]")
        for finding in statement.findings:
            place = f"{finding.line}:{finding.column}"
            _write(f"  {place} {finding.severity.code} {finding.rule} {finding.code}: {_message(finding)}")
    _write(
        say(
            "review_summary",
            file=reviewed.file,
            statements=len(reviewed.statements),
            flagged=reviewed.flagged,
            denied=reviewed.denied,
        )
    )


_LEVELS = {
    Severity.INFO: "note",
    Severity.WARNING: "warning",
    Severity.ERROR: "warning",
    Severity.BLOCK: "error",
}


def _sarif_results(reviewed: Reviewed) -> list[dict[str, Any]]:
    return [
        {
            "ruleId": finding.rule,
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(finding)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": reviewed.file},
                        "region": {"startLine": finding.line, "startColumn": finding.column},
                    }
                }
            ],
            "partialFingerprints": {"statement/v1": statement.fingerprint},
        }
        for statement in reviewed.statements
        for finding in statement.findings
    ]


def _sarif(results: list[dict[str, Any]]) -> dict[str, Any]:
    """SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""
    from sluicegate.sql.rules import RULES  # noqa: PLC0415 - only this format lists them

    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "sluicegate",
                        "rules": [
                            {
                                "id": rule.id,
                                "name": rule.code,
                                "shortDescription": {"text": getattr(rule.title, language(), rule.code)},
                                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
                            }
                            for rule in RULES
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
