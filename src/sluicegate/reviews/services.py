"""Reviewing a script for one target: analysis, the submitter's rights, and estimates from the target."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.db import transaction

from sluicegate.core.config import config
from sluicegate.core.errors import InvalidInput
from sluicegate.datasources.models import DataSource
from sluicegate.datasources.sessions import review_sessions
from sluicegate.dialects import registry
from sluicegate.dialects.base import Dialect, Session
from sluicegate.reviews.estimates import Estimated, Estimator
from sluicegate.reviews.limits import rate_of
from sluicegate.reviews.models import Review, ReviewedStatement
from sluicegate.reviews.plans import plan_findings
from sluicegate.reviews.policies import Applied, rules_for
from sluicegate.reviews.spool import Spool
from sluicegate.reviews.totals import Totals
from sluicegate.reviews.waivers import NO_WAIVERS, Waivers, waived
from sluicegate.sql import gate
from sluicegate.sql.impact import to_json
from sluicegate.sql.model import (
    Access,
    AnalysisContext,
    Finding,
    NoImage,
    Severity,
    Statement,
    StatementKind,
    TicketKind,
    Waiver,
)

_BATCH = 1000

ObjectCheck = Callable[[Statement], Finding | None]


@dataclass(frozen=True, slots=True)
class ReviewTarget:
    """Where the script would run."""

    datasource: DataSource
    database: str
    schema: str


@dataclass(slots=True)
class _Reviewed:
    statement: Statement
    byte_start: int
    byte_end: int
    estimated: Estimated
    undo_reason: str
    partial_possible: bool
    needs_session: bool


def review_script(
    *,
    sha256: str,
    content: bytes,
    target: ReviewTarget,
    kind: TicketKind,
    check_objects: ObjectCheck,
    waivers: Waivers = NO_WAIVERS,
    count_exactly: bool = False,
) -> Review:
    """Analyse the frozen bytes for one target and keep the result, bound to their SHA-256.

    Nothing of the script is executed. ``check_objects`` gives the finding for a statement that touches what
    the submitter may not. ``count_exactly``: rows are counted where a query can say how many they
    are, which reads the tables as the statement would. It is judged by the policies that hold for the data source.

    Raises:
        ScriptRefused: the bytes aren't acceptable text.
        InvalidInput: ``script_empty``; what a policy can't be read for, see ``policies.rules_for``.
        ConnectionFailed: the target can't be reached.
    """
    text = gate.check(content)
    dialect = registry.get(target.datasource.dialect)
    applied = rules_for(target.datasource)
    with review_sessions(target.datasource, target.database or None, schema=target.schema) as (
        session,
        asking,
    ):
        schema = session.target_schema()
        context = AnalysisContext(
            database=target.database or None,
            schema=target.schema or None,
            ticket_kind=kind,
            server_version=session.identity.version,
            rules=applied.rules,
            dialect=dialect.code,
            known=schema,
            catalogue=schema,
        )
        estimator = Estimator(
            dialect,
            asking,
            schema,
            rate=rate_of(target.datasource.pk, config().review_explains_per_second),
            count_seconds=config().review_count_seconds if count_exactly else None,
        )
        found = _review_all(
            text,
            dialect,
            context,
            estimator,
            _Engines(session),
            check_objects,
            waivers,
            target.datasource.environment.production,
        )
        totals = Totals()
        with Spool() as spool:
            for item in found:
                totals.add(item.statement, item.estimated)
                spool.put(_values(item))
            if not totals.statements:
                raise InvalidInput("script_empty")
            # Only now, and at once: what a review writes holds the data source's row against others.
            return _keep(sha256, target, kind, session.identity.version_text, totals, spool, applied)


def _review_all(
    text: str,
    dialect: Dialect,
    context: AnalysisContext,
    estimator: Estimator,
    engine: _Engines,
    check_objects: ObjectCheck,
    waivers: Waivers,
    production: bool,
) -> Iterator[_Reviewed]:
    position = byte_position = 0
    for found in dialect.analyse(text, context):
        statement = waived(engine.judge(found), waivers)
        extra = check_objects(statement)
        if extra is not None:
            statement = statement.with_findings((extra,))
        byte_start = byte_position + len(text[position : statement.start].encode())
        byte_end = byte_start + len(statement.text.encode())
        position, byte_position = statement.end, byte_end
        estimated = estimator.estimate(statement)
        sizes = estimator.sizes(statement, estimated)
        more = plan_findings(statement, estimated, sizes, context.rules, dialect, production=production)
        if more:
            statement = waived(statement.with_findings(more), waivers)
        plan = (
            dialect.image_plan(statement)
            if statement.kind is StatementKind.DML
            else NoImage("image_only_dml")
        )
        yield _Reviewed(
            statement,
            byte_start,
            byte_end,
            estimated,
            plan.reason if isinstance(plan, NoImage) else "",
            partial_possible(statement, dialect),
            needs_session(statement),
        )


# In a fingerprint, where literals are gone: what a statement takes from, or leaves in, its session.
_SESSION_WORDS = re.compile(
    r"\b(?:last_insert_id|row_count|found_rows|currval|lastval|last_insert_rowid|changes|total_changes)\s*\("
    r"|(?<![@\w])@(?!@)[`\w]",
    re.IGNORECASE,
)


def needs_session(statement: Statement) -> bool:
    """The statement depends on its session, or others may depend on what it leaves there."""
    if statement.kind is StatementKind.SESSION or _SESSION_WORDS.search(statement.fingerprint):
        return True
    return any(
        finding.code == "SESSION_STATE" and finding.severity >= Severity.WARNING
        for finding in statement.findings
    )


def partial_possible(statement: Statement, dialect: Dialect) -> bool:
    """When the server answers with an error, something may be applied all the same: what commits by itself
    is whole only for a single object, and not even then where the server has it in steps."""
    if statement.transactional:
        return False
    if statement.kind is not StatementKind.DDL or dialect.features.transactional_ddl:
        return True
    return sum(ref.access is Access.WRITE for ref in statement.objects) > 1


class _Engines:
    """Finds changes that the target couldn't roll back, because of the tables' storage engine."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def judge(self, statement: Statement) -> Statement:
        if statement.kind is not StatementKind.DML or not statement.transactional:
            return statement
        written = [ref for ref in statement.objects if ref.access is Access.WRITE]
        found = self._session.non_transactional(written)
        if not found:
            return statement
        finding = Finding(
            rule="NTX002",
            code="NON_TX",
            severity=Severity.ERROR,
            message_code="finding_engine_without_transactions",
            line=statement.line,
            column=statement.column,
            params={"tables": ", ".join(found)},
        )
        return replace(statement.with_findings((finding,)), transactional=False)


def _keep(
    sha256: str,
    target: ReviewTarget,
    kind: TicketKind,
    version: str,
    totals: Totals,
    spool: Spool,
    applied: Applied,
) -> Review:
    with transaction.atomic():
        review = Review.objects.create(
            sha256=sha256,
            datasource=target.datasource,
            datasource_revision=target.datasource.revision,
            database=target.database,
            schema=target.schema,
            ticket_kind=kind.value,
            verdict=totals.verdict.value,
            statements_total=totals.statements,
            statements_flagged=totals.flagged,
            statements_denied=totals.denied,
            estimated_rows=totals.rows,
            unknown_estimates=totals.unknown,
            worst_rows=totals.worst_rows,
            worst_share=totals.worst_share,
            server_version=version[:120],
            policies=applied.to_json(),
        )
        rows = (ReviewedStatement(review=review, **values) for values in spool)
        while batch := list(islice(rows, _BATCH)):
            ReviewedStatement.objects.bulk_create(batch)
    return review


def _values(item: _Reviewed) -> dict[str, Any]:
    """The fields of a ``ReviewedStatement``, but for its review."""
    statement = item.statement
    return {
        "ordinal": statement.ordinal,
        "byte_start": item.byte_start,
        "byte_end": item.byte_end,
        "line": statement.line,
        "column": statement.column,
        "kind": statement.kind.value,
        "operation": statement.operation[:60],
        "objects_touched": [
            {
                "database": ref.database,
                "schema": ref.schema,
                "name": ref.name,
                "type": ref.type,
                "access": ref.access.value,
            }
            for ref in statement.objects
        ],
        "fingerprint": statement.fingerprint[:2000],
        "transactional": statement.transactional,
        "partial_possible": item.partial_possible,
        "needs_session": item.needs_session,
        "verdict": statement.verdict.value,
        "findings": [_finding(finding) for finding in statement.findings],
        "estimated_rows": item.estimated.rows,
        "estimate_reason": item.estimated.estimate.reason or "",
        "estimate_params": dict(item.estimated.estimate.params),
        "estimate_exact": item.estimated.exact,
        "table_rows": item.estimated.table_rows,
        "impact": to_json(statement.impact) if statement.impact is not None else None,
        "undo_reason": item.undo_reason,
    }


def _finding(finding: Finding) -> dict[str, object]:
    waiver = finding.waiver
    signed = {} if waiver is None else {"waiver": {"by": waiver.by, "reason": waiver.reason}}
    return signed | {
        "rule": finding.rule,
        "code": finding.code,
        "severity": finding.severity.code,
        "message_code": finding.message_code,
        "params": finding.params,
        "line": finding.line,
        "column": finding.column,
    }


def finding_from(data: dict[str, object]) -> Finding:
    """A stored finding, back as a value."""
    params, waiver = data.get("params"), data.get("waiver")
    return Finding(
        rule=str(data["rule"]),
        code=str(data["code"]),
        severity=Severity[str(data["severity"]).upper()],
        message_code=str(data["message_code"]),
        line=int(str(data["line"])),
        column=int(str(data["column"])),
        params=dict(params) if isinstance(params, dict) else {},
        waiver=Waiver(str(waiver["by"]), str(waiver["reason"])) if isinstance(waiver, dict) else None,
    )
