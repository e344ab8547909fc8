"""What `sluicegate review` prints. Statements are printed as they come, and none is kept: a script may be
longer than the memory."""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Final

from sluicegate.cli.language import language, say
from sluicegate.dialects.base import Dialect
from sluicegate.sql.findings import say as say_finding
from sluicegate.sql.impact import describe
from sluicegate.sql.model import Finding, Severity, Statement, Verdict


class Tally:
    """How many statements one file has, and how many of them were flagged and denied."""

    def __init__(self) -> None:
        self.statements = self.flagged = self.denied = 0

    def count(self, statement: Statement) -> None:
        verdict = statement.verdict
        self.statements += 1
        self.flagged += verdict is Verdict.FLAG
        self.denied += verdict is Verdict.DENY

    @property
    def verdict(self) -> Verdict:
        if self.denied:
            return Verdict.DENY
        return Verdict.FLAG if self.flagged else Verdict.ALLOW


def write(text: str) -> None:
    """As UTF-8 whatever the terminal speaks; bytes that never were text come out as U+FFFD."""
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


class Printer(ABC):
    """One format. ``begin`` and ``end`` are called once, ``file`` for each file."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def begin(self) -> None:  # noqa: B027 - most formats have nothing around the files
        pass

    @abstractmethod
    def file(self, file: str, statements: Iterable[Statement]) -> Tally: ...

    def end(self) -> None:  # noqa: B027
        pass


def _message(finding: Finding) -> str:
    return say_finding(finding, language())


class TextPrinter(Printer):
    """Statements with findings, and a summary of each file."""

    def file(self, file: str, statements: Iterable[Statement]) -> Tally:
        tally = Tally()
        for statement in statements:
            tally.count(statement)
            if statement.findings:
                self._statement(file, statement)
        summary = say(
            "review_summary",
            file=file,
            statements=tally.statements,
            flagged=tally.flagged,
            denied=tally.denied,
        )
        write(f"{summary}\n")
        return tally

    def _statement(self, file: str, statement: Statement) -> None:
        verdict = say(f"verdict_{statement.verdict}")
        write(f"{file}:{statement.line}:{statement.column}: {statement.operation} [{verdict}]\n")
        for finding in statement.findings:
            place = f"{finding.line}:{finding.column}"
            write(f"  {place} {finding.severity.code} {finding.rule} {finding.code}: {_message(finding)}\n")
        if statement.impact is not None:
            write(f"  {describe(statement.impact, language())}\n")


class JsonPrinter(Printer):
    """One object per file, one a line."""

    def file(self, file: str, statements: Iterable[Statement]) -> Tally:
        tally = Tally()
        write(f'{{"file":{_json(file)},"dialect":{_json(self.dialect.code)},"statements":[')
        for statement in statements:
            write(("," if tally.statements else "") + _json(_statement(statement)))
            tally.count(statement)
        summary = {
            "statements": tally.statements,
            "flagged": tally.flagged,
            "denied": tally.denied,
            "verdict": tally.verdict,
        }
        write(f'],"summary":{_json(summary)}}}\n')
        return tally


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


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


_LEVELS: Final = {
    Severity.INFO: "note",
    Severity.WARNING: "warning",
    Severity.ERROR: "warning",
    Severity.BLOCK: "error",
}
_NO_RESULTS: Final = "[]"


class SarifPrinter(Printer):
    """SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, one run for all files."""

    def begin(self) -> None:
        frame = json.dumps(_sarif(), ensure_ascii=False, indent=2)
        head, self._tail = frame.rsplit(_NO_RESULTS, 1)
        self._results = 0
        write(head + "[")

    def file(self, file: str, statements: Iterable[Statement]) -> Tally:
        tally = Tally()
        for statement in statements:
            tally.count(statement)
            for finding in statement.findings:
                result = json.dumps(_result(file, statement, finding), ensure_ascii=False, indent=2)
                separator = "," if self._results else ""
                write(f"{separator}\n        " + result.replace("\n", "\n        "))
                self._results += 1
        return tally

    def end(self) -> None:
        write(("\n      ]" if self._results else "]") + self._tail + "\n")


def _result(file: str, statement: Statement, finding: Finding) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": file},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
        "partialFingerprints": {"statement/v1": statement.fingerprint},
    }


def _sarif() -> dict[str, Any]:
    """All but the results, whose empty list is the last one."""
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
                "results": [],
            }
        ],
    }
