"""The three values of the approval form that come from the analysis: 预计影响行数, 分析的SQL数量 and
分析的SQL结果汇总. Pure: texts from the catalogue, in the language approvers read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sluicegate.core.messages import Language, text
from sluicegate.sql.findings import say, say_waiver
from sluicegate.sql.impact import Impact, describe
from sluicegate.sql.model import Estimate, Finding, Severity


@dataclass(frozen=True, slots=True)
class SummarisedStatement:
    """A statement as far as the summary shows it: its number in the script, its line, and its findings."""

    ordinal: int
    line: int
    operation: str
    findings: tuple[Finding, ...]
    impact: Impact | None = None


def estimated_rows(estimates: Iterable[Estimate], language: Language) -> str:
    """The sum of what is known, and how many statements it isn't known for, with the reasons.

    Unknown is a value of its own and never 0: with nothing known the text has no number at all.
    """
    known = 0
    any_known = False
    reasons: Counter[str] = Counter()
    for estimate in estimates:
        if estimate.rows is None:
            reasons[estimate.reason or "estimate_unknown"] += 1
        else:
            known += estimate.rows
            any_known = True
    if not reasons:
        return str(known) if any_known else text("summary_no_dml", language)
    listed = "；".join(f"{text(reason, language)} ×{count}" for reason, count in reasons.most_common())
    code = "summary_partly_known" if any_known else "summary_unknown"
    return text(code, language, rows=known, unknown=reasons.total(), reasons=listed)


def findings_summary(statements: Sequence[SummarisedStatement], language: Language) -> str:
    """The statements with findings, worst first, one block each; says so when there is none."""
    notable = [statement for statement in statements if statement.findings or statement.impact is not None]
    if not notable:
        return text("summary_nothing_found", language)
    worst_first = sorted(notable, key=lambda statement: (-_worst(statement), statement.ordinal))
    return "\n".join(_block(statement, language) for statement in worst_first)


def _worst(statement: SummarisedStatement) -> Severity:
    return max((finding.severity for finding in statement.findings), default=Severity.INFO)


def _block(statement: SummarisedStatement, language: Language) -> str:
    heading = text(
        "summary_statement",
        language,
        ordinal=statement.ordinal,
        line=statement.line,
        operation=statement.operation,
    )
    findings = sorted(statement.findings, key=lambda finding: -finding.severity)
    foreseen = [] if statement.impact is None else [f"  {describe(statement.impact, language)}"]
    return "\n".join([heading, *foreseen, *(_line(finding, language) for finding in findings)])


def _line(finding: Finding, language: Language) -> str:
    waived = "" if finding.waiver is None else f" [{say_waiver(finding.waiver, language)}]"
    return f"  [{text(f'severity_{finding.severity.code}', language)}]{waived} {say(finding, language)}"
