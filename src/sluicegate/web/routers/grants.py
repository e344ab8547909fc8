"""Access grants."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from ninja import Field, Router, Schema

from sluicegate.accounts import grants
from sluicegate.accounts.grants import GrantScope
from sluicegate.accounts.models import AccessGrant
from sluicegate.core.errors import InvalidInput
from sluicegate.datasources.models import DataSource, Environment
from sluicegate.datasources.services import visible_datasource
from sluicegate.web.auth import Request
from sluicegate.web.idempotency import once
from sluicegate.web.problems import PROBLEMS

router = Router()


class GrantIn(Schema):
    """Either ``username`` or ``group``; ``datasource_id`` or ``environment`` or neither (everything)."""

    username: str | None = None
    group: str | None = None
    actions: list[str]
    datasource_id: int | None = None
    environment: str | None = None
    database: str = Field("*", max_length=128)
    schema_: str = Field("*", alias="schema", max_length=128)
    table: str = Field("*", max_length=128)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    reason: str = Field("", max_length=200)


class GrantOut(Schema):
    id: int
    username: str | None
    group: str | None
    actions: list[str]
    datasource_id: int | None
    datasource: str | None
    environment: str | None
    database: str
    schema_: str = Field(serialization_alias="schema")
    table: str
    valid_from: datetime
    valid_until: datetime | None
    live: bool
    reason: str
    ticket: str
    created_by: str
    revoked_at: datetime | None
    revoked_by: str


def _grant(grant: AccessGrant) -> GrantOut:
    now = timezone.now()
    live = grant.revoked_at is None and grant.valid_from <= now
    datasource = DataSource.objects.filter(pk=grant.datasource_id).first() if grant.datasource_id else None
    environment = (
        Environment.objects.filter(pk=grant.environment_id).first() if grant.environment_id else None
    )
    return GrantOut(
        id=grant.pk,
        username=grant.user.username if grant.user else None,
        group=grant.group.name if grant.group else None,
        actions=grant.actions,
        datasource_id=grant.datasource_id,
        datasource=datasource.name if datasource else None,
        environment=environment.code if environment else None,
        database=grant.database_pattern,
        schema_=grant.schema_pattern,
        table=grant.table_pattern,
        valid_from=grant.valid_from,
        valid_until=grant.valid_until,
        live=live and (grant.valid_until is None or grant.valid_until > now),
        reason=grant.reason,
        ticket=grant.ticket_number,
        created_by=grant.created_by,
        revoked_at=grant.revoked_at,
        revoked_by=grant.revoked_by,
    )


@router.get("/grants", response={200: list[GrantOut], **PROBLEMS}, by_alias=True)
def list_grants(
    request: Request,
    username: str = "",
    datasource_id: int | None = None,
    live: bool | None = None,
    before: int | None = None,
    size: int = 100,
) -> list[GrantOut]:
    """Grants, newest first; ``before`` is the id to go on from."""
    found = grants.grants_visible_to(request.auth).order_by("-pk")
    if username:
        found = found.filter(user__username=username)
    if datasource_id is not None:
        found = found.filter(datasource_id=datasource_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    shown = (_grant(grant) for grant in found[: max(1, min(size, 500))])
    return [grant for grant in shown if live is None or grant.live == live]


@router.post("/grants", response={201: GrantOut, **PROBLEMS}, by_alias=True)
def grant_access(request: Request, payload: GrantIn) -> tuple[int, GrantOut]:
    environment = None
    if payload.environment:
        environment = Environment.objects.filter(code=payload.environment).first()
        if environment is None:
            raise InvalidInput("environment_unknown", code=payload.environment)
    if payload.datasource_id is not None:
        visible_datasource(request.auth, payload.datasource_id)
    scope = GrantScope(
        datasource_id=payload.datasource_id,
        environment_id=environment.pk if environment else None,
        database=payload.database,
        schema=payload.schema_,
        table=payload.table,
    )
    return 201, once(
        request,
        GrantOut,
        lambda: _grant(
            grants.grant_access(
                by=request.auth,
                actions=payload.actions,
                scope=scope,
                username=payload.username,
                group=payload.group,
                valid_from=payload.valid_from,
                valid_until=payload.valid_until,
                reason=payload.reason,
            )
        ),
    )


@router.post("/grants/{grant_id}/revoke", response={200: GrantOut, **PROBLEMS}, by_alias=True)
def revoke_access(request: Request, grant_id: int) -> GrantOut:
    return _grant(grants.revoke_access(by=request.auth, grant_id=grant_id))
