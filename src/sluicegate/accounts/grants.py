"""Use cases on access grants (授权)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from sluicegate.accounts.access import grants_for
from sluicegate.accounts.models import AccessGrant, Group, User
from sluicegate.accounts.permissions import Action, Permission
from sluicegate.accounts.services import require
from sluicegate.audit.log import Actor, record, unit_of_work
from sluicegate.core.errors import Forbidden, InvalidInput, NotFound

MAX_GRANT_DAYS = 3650


@dataclass(frozen=True, slots=True)
class GrantScope:
    """What a grant reaches: one data source, or an environment, or (both None) everything."""

    datasource_id: int | None = None
    environment_id: int | None = None
    database: str = "*"
    schema: str = "*"
    table: str = "*"


def check_actions(actions: Sequence[str]) -> list[str]:
    """The actions without repetition, in order.

    Raises:
        InvalidInput: ``actions_empty`` or ``action_unknown``.
    """
    if not actions:
        raise InvalidInput("actions_empty")
    known = [action.value for action in Action]
    for action in actions:
        if action not in known:
            raise InvalidInput("action_unknown", action=action, known=", ".join(known))
    return [action for action in known if action in actions]


def grant_access(
    *,
    by: User,
    actions: Sequence[str],
    scope: GrantScope,
    username: str | None = None,
    group: str | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    reason: str = "",
) -> AccessGrant:
    """Give a person or a group access, by somebody with the right to."""
    require(by, Permission.GRANT_MANAGE)
    if (username is None) == (group is None):
        raise InvalidInput("grant_subject")
    with unit_of_work():
        user = User.objects.filter(username=username, is_active=True).first() if username else None
        team = Group.objects.filter(name=group).first() if group else None
        if username and user is None:
            raise InvalidInput("user_unknown", username=username)
        if group and team is None:
            raise InvalidInput("group_missing", name=group)
        if user == by or (team is not None and team.members.filter(pk=by.pk).exists()):
            raise Forbidden("grant_to_oneself")
        return create_grant(
            actor=by.actor,
            user=user,
            group=team,
            actions=actions,
            scope=scope,
            valid_from=valid_from,
            valid_until=valid_until,
            reason=reason,
        )


def create_grant(
    *,
    actor: Actor,
    user: User | None,
    group: Group | None,
    actions: Sequence[str],
    scope: GrantScope,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    reason: str = "",
    ticket_number: str = "",
) -> AccessGrant:
    """Write a grant that somebody else has authorised (an approved access request). Joins the caller's unit
    of work."""
    if any(at is not None and at.tzinfo is None for at in (valid_from, valid_until)):
        raise InvalidInput("time_without_zone")
    start = valid_from or timezone.now()
    if valid_until is not None and valid_until <= max(start, timezone.now()):
        raise InvalidInput("grant_ended")
    if valid_until is not None and valid_until - start > timedelta(days=MAX_GRANT_DAYS):
        raise InvalidInput("grant_too_long", days=MAX_GRANT_DAYS)
    if scope.datasource_id is not None and scope.environment_id is not None:
        raise InvalidInput("grant_scope")
    with unit_of_work():
        grant = AccessGrant.objects.create(
            user=user,
            group=group,
            actions=check_actions(actions),
            datasource_id=scope.datasource_id,
            environment_id=scope.environment_id,
            database_pattern=scope.database or "*",
            schema_pattern=scope.schema or "*",
            table_pattern=scope.table or "*",
            valid_from=start,
            valid_until=valid_until,
            reason=reason[:200],
            ticket_number=ticket_number,
            created_by=actor.name,
        )
        record(
            actor,
            "grant.created",
            "grant",
            grant.pk,
            user=user.username if user else None,
            group=group.name if group else None,
            actions=grant.actions,
            datasource=scope.datasource_id,
            environment=scope.environment_id,
            objects=[grant.database_pattern, grant.schema_pattern, grant.table_pattern],
            until=valid_until,
            ticket=ticket_number,
        )
    return grant


def revoke_access(*, by: User, grant_id: int) -> AccessGrant:
    """End a grant now. People may give up their own."""
    grants = AccessGrant.objects.all()
    if not by.has(Permission.GRANT_MANAGE):
        grants = grants.filter(user=by)
    with unit_of_work():
        grant = grants.select_for_update().filter(pk=grant_id).first()
        if grant is None:
            raise NotFound("grant_missing", id=grant_id)
        if grant.revoked_at is None:
            grant.revoked_at = timezone.now()
            grant.revoked_by = by.username
            grant.save(update_fields=["revoked_at", "revoked_by"])
            record(by.actor, "grant.revoked", "grant", grant.pk, ticket=grant.ticket_number)
    return grant


def grants_visible_to(user: User) -> QuerySet[AccessGrant]:
    """One's own, or all for those who manage or audit them."""
    grants = AccessGrant.objects.select_related("user", "group")
    if user.has(Permission.GRANT_MANAGE) or user.has(Permission.AUDIT_VIEW):
        return grants
    return grants.filter(grants_for(user)).distinct()
