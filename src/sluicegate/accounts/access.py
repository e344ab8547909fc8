"""The question "may this person do this there?", answered from grants; pure once the grants are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.db.models import Q
from django.db.models.functions import Now

from sluicegate.accounts.models import AccessGrant, User
from sluicegate.accounts.permissions import Action, Permission


@dataclass(frozen=True, slots=True)
class Place:
    """Where something would be done. None means "the whole of it": only a grant on everything there
    covers it, except for SEE, which any grant inside gives."""

    datasource_id: int
    environment_id: int
    database: str | None = None
    schema: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """One grant, as far as the answer needs it."""

    actions: frozenset[str]
    datasource_id: int | None
    environment_id: int | None
    database: str
    schema: str
    table: str

    def reaches(self, place: Place) -> bool:
        """The grant has something to do with this data source."""
        if self.datasource_id is not None:
            return self.datasource_id == place.datasource_id
        return self.environment_id is None or self.environment_id == place.environment_id

    def touches(self, place: Place) -> bool:
        """The grant is on the place, or on something within it."""
        return self.reaches(place) and all(
            name is None or _matches(pattern, name)
            for pattern, name in (
                (self.database, place.database),
                (self.schema, place.schema),
                (self.table, place.table),
            )
        )

    def covers(self, place: Place) -> bool:
        return (
            self.reaches(place)
            and _matches(self.database, place.database)
            and _matches(self.schema, place.schema)
            and _matches(self.table, place.table)
        )


def _matches(pattern: str, name: str | None) -> bool:
    if pattern == "*":
        return True
    return name is not None and fnmatchcase(name, pattern)


@dataclass(frozen=True, slots=True)
class Access:
    """All that one person may do on data sources, at the moment it was read."""

    everything: bool
    sees_all: bool
    scopes: tuple[Scope, ...]

    def allows(self, action: Action, place: Place) -> bool:
        if self.everything:
            return True
        if action is Action.SEE:
            return self.sees_all or any(scope.reaches(place) for scope in self.scopes)
        return any(action.value in scope.actions and scope.covers(place) for scope in self.scopes)

    def knows(self, place: Place) -> bool:
        """May learn that this database, schema or table exists, by a grant of whatever action."""
        return self.everything or self.sees_all or any(scope.touches(place) for scope in self.scopes)

    def allows_somewhere(self, action: Action, place: Place) -> bool:
        """Some part of this database is covered; the objects touched are checked one by one later."""
        if self.everything:
            return True
        return any(
            action.value in scope.actions
            and scope.reaches(place)
            and _matches(scope.database, place.database)
            for scope in self.scopes
        )


def live_grants() -> Q:
    """Condition for grants that hold now, by the database's clock."""
    return Q(revoked_at__isnull=True, valid_from__lte=Now()) & (
        Q(valid_until__isnull=True) | Q(valid_until__gt=Now())
    )


def grants_for(user: User) -> Q:
    return Q(user=user) | Q(group__members=user)


def access_of(user: User) -> Access:
    """Read what a person may do now. Somebody who left may do nothing."""
    if not user.is_active:
        return Access(False, False, ())
    if user.has(Permission.DATASOURCE_ALL):
        return Access(True, True, ())
    grants = AccessGrant.objects.filter(live_grants() & grants_for(user)).distinct()
    return Access(False, user.has(Permission.DATASOURCE_VIEW_ALL), tuple(_scopes(grants)))


def _scopes(grants: Iterable[AccessGrant]) -> Iterable[Scope]:
    for grant in grants:
        yield Scope(
            frozenset(grant.actions),
            grant.datasource_id,
            grant.environment_id,
            grant.database_pattern,
            grant.schema_pattern,
            grant.table_pattern,
        )
