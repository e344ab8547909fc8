"""The values of the approval form, from a ticket and its stored reviews."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from django.db.models import Q

from sluicegate.approvals.port import ApprovalRequest
from sluicegate.core.config import config
from sluicegate.core.messages import Language, text
from sluicegate.datasources.models import DataSource
from sluicegate.dialects import registry
from sluicegate.reviews.estimates import share_of
from sluicegate.reviews.models import Review, ReviewedStatement
from sluicegate.reviews.services import finding_from
from sluicegate.sql import summary
from sluicegate.sql.impact import Work, from_json
from sluicegate.sql.model import Estimate, StatementKind
from sluicegate.tickets.content import AccessScope
from sluicegate.tickets.models import Target, Ticket

_HEAVY = (Work.REMOVE.value, Work.SCAN.value, Work.INDEX.value, Work.REWRITE.value, Work.UNKNOWN.value)
_SUMMARISED = 200  # statements in a summary: more than a control of the form can hold
_SQL_SHOWN = 100_000  # characters handed to the form, which cuts them to its own limit


def approval_request(ticket: Ticket, targets: Sequence[Target]) -> ApprovalRequest:
    """What the approvers of this ticket's current revision are shown."""
    language = config().language
    revision = ticket.revisions.select_related("script").get(number=ticket.revision_number)
    scope = AccessScope.from_json(revision.access_scope) if revision.access_scope else None
    reviews = [target.review for target in targets if target.review is not None]
    sources = list({target.datasource_id: target.datasource for target in targets}.values())
    return ApprovalRequest(
        number=ticket.number,
        revision=revision.number,
        kind=ticket.kind,
        kind_name=text(f"kind_{ticket.kind}", "zh"),  # contract data, the same in every language
        title=ticket.title,
        remark=ticket.remark,
        datasource="，".join(source.name for source in sources),
        datasource_info="，".join(source.remark for source in sources if source.remark),
        dialect="，".join(dict.fromkeys(registry.get(source.dialect).label for source in sources)),
        database="，".join(_database(target) for target in targets if scope is None)
        or _scope_databases(scope),
        estimated_rows=_estimated_rows(reviews, language),
        statement_count=str(sum(item.statements_flagged + item.statements_denied for item in reviews)),
        findings_summary=_findings(targets, language),
        sql=bytes(revision.script.content[: _SQL_SHOWN * 4]).decode(errors="ignore")
        if revision.script
        else "",
        requested_access=_requested(scope, sources, language) if scope else "",
        access_rows=tuple(_rows(scope, sources, language)) if scope else (),
        sha256=revision.sha256,
        link=f"{config().url}/tickets/{ticket.number}",
    )


def _database(target: Target) -> str:
    name = target.database or target.datasource.database
    return f"{name}.{target.schema}" if target.schema else name


def _scope_databases(scope: AccessScope | None) -> str:
    return "，".join(dict.fromkeys(item.database for item in scope.objects)) if scope else ""


def _estimated_rows(reviews: Sequence[Review], language: Language) -> str:
    """What is known of the rows, and the largest share of a table that one statement changes."""
    changes = [
        statement
        for review in reviews
        for statement in review.statements.filter(kind=StatementKind.DML.value).only(
            "ordinal", "estimated_rows", "estimate_reason", "table_rows"
        )
    ]
    total = summary.estimated_rows(
        (Estimate(change.estimated_rows, change.estimate_reason or None) for change in changes), language
    )
    shares = [
        (share, change)
        for change in changes
        if (share := share_of(change.estimated_rows, change.table_rows)) is not None
    ]
    if not shares:
        return total
    share, worst = max(shares, key=itemgetter(0))
    return text(
        "summary_with_share",
        language,
        total=total,
        ordinal=worst.ordinal,
        rows=worst.estimated_rows or 0,
        share=f"{share:g}",
    )


def _findings(targets: Sequence[Target], language: Language) -> str:
    parts = []
    for target in targets:
        if target.review is not None:
            heading = f"【{target.datasource.name} {_database(target)}】\n" if len(targets) > 1 else ""
            statements = [_summarised(item) for item in _notable(target.review)]
            parts.append(heading + summary.findings_summary(statements, language))
    return "\n".join(parts)


def _notable(review: Review) -> Sequence[ReviewedStatement]:
    """Those with findings that count, and those that hold a table for long."""
    heavy = Q(impact__work__in=_HEAVY)
    return list(review.statements.filter(~Q(verdict="allow") | heavy).order_by("ordinal")[:_SUMMARISED])


def _summarised(statement: ReviewedStatement) -> summary.SummarisedStatement:
    return summary.SummarisedStatement(
        ordinal=statement.ordinal,
        line=statement.line,
        operation=statement.operation,
        findings=tuple(finding_from(finding) for finding in statement.findings),
        impact=from_json(statement.impact) if statement.impact is not None else None,
    )


def _requested(scope: AccessScope, sources: Sequence[DataSource], language: Language) -> str:
    rows = list(_rows(scope, sources, language))
    paths = "；".join(f"{name} {path}" for name, path, _, _ in rows)
    return f"{rows[0][3]} | {paths} | {rows[0][2]}"


def _rows(
    scope: AccessScope, sources: Sequence[DataSource], language: Language
) -> Sequence[tuple[str, str, str, str]]:
    names = {source.pk: source.name for source in sources}
    actions = "、".join(text(f"action_{action}", language) for action in scope.actions)
    if scope.until is not None:
        period = text("access_until", language, until=scope.until.isoformat(timespec="minutes"))
    else:
        period = text("access_hours", language, hours=scope.hours)
    return [
        (names[item.datasource_id], f"{item.database}.{item.schema}.{item.table}", period, actions)
        for item in scope.objects
    ]
