"""Tokens, sign-in and grants: how they end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from sluicegate.accounts import services
from sluicegate.accounts.access import access_of
from sluicegate.accounts.grants import GrantScope, grant_access, grants_visible_to, revoke_access
from sluicegate.accounts.models import AccessGrant, ApiToken, SignInFailure, User
from sluicegate.accounts.permissions import Action
from sluicegate.accounts.services import Profile, create_token, revoke_token, update_user, user_of_token
from sluicegate.core.errors import (
    Conflict,
    Forbidden,
    NotAuthenticated,
    NotFound,
    SluicegateError,
    TooManyRequests,
)
from sluicegate.datasources.services import place, visible_datasource
from tests.integration.world import PASSWORD, World

SECOND = timedelta(seconds=1)


@pytest.fixture
def person(world: World) -> User:
    return world.person("developer", password=PASSWORD)


# ---------------------------------------------------------------- tokens


def test_token(person: User) -> None:
    token, text = create_token(by=person, name="cli", days=1)
    assert user_of_token(text) == person
    assert text not in str(ApiToken.objects.filter(pk=token.pk).values())
    for other in (text[:-1], text + "x", text.upper(), "", "sgt_", token.digest):
        assert user_of_token(other) is None


def test_token_ends_by_the_databases_clock(person: User) -> None:
    token, text = create_token(by=person, name="cli", days=1)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=Now() + SECOND * 60)
    assert user_of_token(text) == person
    ApiToken.objects.filter(pk=token.pk).update(expires_at=Now())
    assert user_of_token(text) is None


def test_revoked_token(person: User, world: World) -> None:
    token, text = create_token(by=person, name="cli", days=1)
    with pytest.raises(NotFound):
        revoke_token(by=world.person("dba"), token_id=token.pk)
    assert user_of_token(text) == person
    revoke_token(by=person, token_id=token.pk)
    assert user_of_token(text) is None


def test_a_token_made_with_another_ends_with_it(person: User) -> None:
    first, _ = create_token(by=person, name="leaked", days=1)
    second, _ = create_token(by=person, name="second", days=300, made_with=first)
    third, text = create_token(by=person, name="third", days=300, made_with=second)
    assert second.expires_at == third.expires_at == first.expires_at
    assert user_of_token(text) == person
    revoke_token(by=person, token_id=first.pk)
    assert user_of_token(text) is None


def test_tokens_end_with_the_person(person: User, world: World) -> None:
    _, text = create_token(by=person, name="cli", days=1)
    update_user(by=world.admin, user_id=person.pk, profile=Profile(is_active=False))
    assert user_of_token(text) is None
    update_user(by=world.admin, user_id=person.pk, profile=Profile(is_active=True))
    assert user_of_token(text) is None, "coming back doesn't bring old tokens back"


@pytest.mark.parametrize(("name", "days"), [(" ", 1), ("cli", 0), ("cli", 366)])
def test_token_refused(person: User, name: str, days: int) -> None:
    with pytest.raises(SluicegateError) as refusal:
        create_token(by=person, name=name, days=days)
    assert refusal.value.status == 422


# ---------------------------------------------------------------- sign-in


def sign_in(username: str, password: str, address: str = "192.0.2.1") -> User:
    return services.sign_in(username=username, password=password, address=address)


def test_sign_in(person: User) -> None:
    assert sign_in(person.username, PASSWORD) == person
    codes = set()
    for username, password in ((person.username, "wrong"), ("nobody-here", PASSWORD)):
        with pytest.raises(NotAuthenticated) as refusal:
            sign_in(username, password, "192.0.2.2")
        codes.add(refusal.value.code)
    assert codes == {"sign_in_failed"}, "which of the two was wrong isn't told"


def test_guessing_is_slowed_down(person: User) -> None:
    for _ in range(7):
        SignInFailure.objects.create(username=person.username, address="192.0.2.3")
    with pytest.raises(NotAuthenticated):
        sign_in(person.username, "wrong", "192.0.2.3")
    for password in ("wrong", PASSWORD):
        with pytest.raises(TooManyRequests):
            sign_in(person.username, password, "192.0.2.4")
    SignInFailure.objects.filter(username=person.username).update(at=Now() - timedelta(minutes=11))
    assert sign_in(person.username, PASSWORD, "192.0.2.4") == person


def test_who_left_does_not_sign_in(person: User, world: World) -> None:
    update_user(by=world.admin, user_id=person.pk, profile=Profile(is_active=False))
    with pytest.raises(NotAuthenticated):
        sign_in(person.username, PASSWORD, "192.0.2.5")


def test_last_administrator_stays(world: World) -> None:
    with pytest.raises(Conflict) as refusal:
        update_user(by=world.admin, user_id=world.admin.pk, profile=Profile(is_active=False))
    assert refusal.value.code == "last_administrator"
    with pytest.raises(Forbidden) as own:
        update_user(by=world.admin, user_id=world.admin.pk, profile=Profile(roles=["dba"]))
    assert own.value.code == "own_roles"
    assert User.objects.get(pk=world.admin.pk).is_active


# ---------------------------------------------------------------- grants


def test_grant_begins_and_ends_by_the_databases_clock(person: User, world: World) -> None:
    datasource = world.datasource()
    grant = grant_access(
        by=world.admin,
        username=person.username,
        actions=["data_change"],
        scope=GrantScope(datasource_id=datasource.pk),
    )

    def allowed() -> bool:
        return access_of(person).allows(Action.DATA_CHANGE, place(datasource))

    mine = AccessGrant.objects.filter(pk=grant.pk)
    assert allowed()
    mine.update(valid_until=Now())
    assert not allowed()
    with pytest.raises(NotFound):
        visible_datasource(person, datasource.pk)
    mine.update(valid_until=Now() + SECOND * 60)
    assert allowed()
    mine.update(valid_from=Now() + SECOND * 30)
    assert not allowed()
    mine.update(valid_from=Now(), valid_until=None)
    assert allowed()
    revoke_access(by=person, grant_id=grant.pk)
    assert not allowed()


def test_grant_to_a_group_ends_with_membership(person: User, world: World) -> None:
    datasource, team = world.datasource(), world.unique("team")
    services.save_group(by=world.admin, name=team, remark="", members=[person.username])
    grant_access(
        by=world.admin, group=team, actions=["execute"], scope=GrantScope(datasource_id=datasource.pk)
    )
    assert access_of(person).allows(Action.EXECUTE, place(datasource))
    services.save_group(by=world.admin, name=team, remark="", members=[])
    assert not access_of(person).allows(Action.EXECUTE, place(datasource))


def test_who_left_may_nothing(person: User, world: World) -> None:
    datasource = world.datasource()
    grant_access(by=world.admin, username=person.username, actions=["see"], scope=GrantScope())
    update_user(by=world.admin, user_id=person.pk, profile=Profile(is_active=False))
    assert not access_of(User.objects.get(pk=person.pk)).allows(Action.SEE, place(datasource))


def test_others_grants_are_not_there(person: User, world: World) -> None:
    other = world.person("developer")
    grant = grant_access(by=world.admin, username=person.username, actions=["see"], scope=GrantScope())
    assert grant in grants_visible_to(person)
    assert grant not in grants_visible_to(other)
    with pytest.raises(NotFound):
        revoke_access(by=other, grant_id=grant.pk)


@pytest.mark.parametrize("wrong", [{"user": None}, {"group_id": 1, "user": "both"}])
def test_database_wants_one_subject(person: User, wrong: dict[str, object]) -> None:
    fields = {**wrong, "user": person if wrong["user"] == "both" else None}
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessGrant.objects.create(actions=["see"], valid_from=Now(), created_by="x", **fields)
