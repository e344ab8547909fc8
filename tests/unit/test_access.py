"""What grants allow: tables, and that taking away never gives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.accounts.access import Access, Place, Scope
from sluicegate.accounts.permissions import Action

CHANGE, SEE, EXECUTE = Action.DATA_CHANGE, Action.SEE, Action.EXECUTE


def scope(
    *actions: Action,
    datasource: int | None = 1,
    environment: int | None = None,
    database: str = "*",
    schema: str = "*",
    table: str = "*",
) -> Scope:
    return Scope(
        frozenset(action.value for action in actions), datasource, environment, database, schema, table
    )


def of(*scopes: Scope) -> Access:
    return Access(False, False, scopes)


ORDERS = Place(1, 7, "shop", "public", "orders")


@pytest.mark.parametrize(
    ("held", "place", "allowed"),
    [
        (scope(CHANGE), ORDERS, True),
        (scope(EXECUTE), ORDERS, False),
        (scope(CHANGE, datasource=2), ORDERS, False),
        (scope(CHANGE, datasource=None, environment=7), ORDERS, True),
        (scope(CHANGE, datasource=None, environment=8), ORDERS, False),
        (scope(CHANGE, datasource=None), ORDERS, True),
        (scope(CHANGE, database="shop"), ORDERS, True),
        (scope(CHANGE, database="sho"), ORDERS, False),
        (scope(CHANGE, database="shop_*"), ORDERS, False),
        (scope(CHANGE, database="sh?p"), ORDERS, True),
        (scope(CHANGE, database="SHOP"), ORDERS, False),
        (scope(CHANGE, schema="private"), ORDERS, False),
        (scope(CHANGE, table="order*"), ORDERS, True),
        (scope(CHANGE, table="orders_2024"), ORDERS, False),
        # The whole of a database is covered only by a grant on all its tables.
        (scope(CHANGE, table="orders"), Place(1, 7, "shop", "public"), False),
        (scope(CHANGE, table="*"), Place(1, 7, "shop", "public"), True),
        (scope(CHANGE, database="shop"), Place(1, 7), False),
    ],
)
def test_allows(held: Scope, place: Place, allowed: bool) -> None:
    assert of(held).allows(CHANGE, place) is allowed


def test_any_grant_lets_see_its_data_source_and_no_other() -> None:
    held = of(scope(EXECUTE, database="other", table="x"))
    assert held.allows(SEE, ORDERS)
    assert not held.allows(SEE, Place(2, 7))


def test_overseers_see_all_and_change_nothing() -> None:
    held = Access(False, True, ())
    assert held.allows(SEE, ORDERS)
    assert not any(held.allows(action, ORDERS) for action in Action if action is not SEE)


def test_somewhere_needs_the_action_the_data_source_and_the_database() -> None:
    held = of(scope(CHANGE, database="shop", table="orders"))
    assert held.allows_somewhere(CHANGE, Place(1, 7, "shop"))
    assert not held.allows_somewhere(EXECUTE, Place(1, 7, "shop"))
    assert not held.allows_somewhere(CHANGE, Place(1, 7, "bank"))
    assert not held.allows_somewhere(CHANGE, Place(2, 7, "shop"))


def test_everything() -> None:
    assert all(Access(True, True, ()).allows(action, ORDERS) for action in Action)
    assert not any(of().allows(action, ORDERS) for action in Action)


# ---------------------------------------------------------------- taking away never gives

NAMES = st.sampled_from(["shop", "shop_1", "bank", "orders", "users"])
PATTERNS = st.one_of(st.just("*"), NAMES, st.sampled_from(["sh*", "*s", "o?ders", "shop_?"]))
SCOPES = st.builds(
    Scope,
    st.frozensets(st.sampled_from([action.value for action in Action])),
    st.one_of(st.none(), st.integers(1, 2)),
    st.just(None),
    PATTERNS,
    PATTERNS,
    PATTERNS,
) | st.builds(
    Scope,
    st.frozensets(st.sampled_from([action.value for action in Action])),
    st.just(None),
    st.integers(1, 2),
    PATTERNS,
    PATTERNS,
    PATTERNS,
)
MAYBE = st.none() | NAMES
PLACES = st.builds(Place, st.integers(1, 2), st.integers(1, 2), MAYBE, MAYBE, MAYBE)
QUESTIONS = st.tuples(st.sampled_from(Action), PLACES)


def _answers(held: Access, question: tuple[Action, Place]) -> tuple[bool, bool]:
    return held.allows(*question), held.allows_somewhere(*question)


def _no_wider(after: Access, before: Access, question: tuple[Action, Place]) -> None:
    for now, then in zip(_answers(after, question), _answers(before, question), strict=True):
        assert then or not now


@given(st.lists(SCOPES, min_size=1, max_size=4), st.data(), QUESTIONS)
def test_revoking_a_grant_never_widens(
    scopes: list[Scope], data: st.DataObject, question: tuple[Action, Place]
) -> None:
    gone = data.draw(st.integers(0, len(scopes) - 1))
    _no_wider(of(*scopes[:gone], *scopes[gone + 1 :]), of(*scopes), question)


@given(SCOPES, st.sampled_from(["database", "schema", "table"]), NAMES, QUESTIONS)
def test_narrowing_a_pattern_never_widens(
    wide: Scope, part: str, name: str, question: tuple[Action, Place]
) -> None:
    wide = replace(wide, **{part: "*"})  # type: ignore[arg-type]
    _no_wider(of(replace(wide, **{part: name})), of(wide), question)  # type: ignore[arg-type]


@given(SCOPES, QUESTIONS)
def test_fewer_actions_never_widen(wide: Scope, question: tuple[Action, Place]) -> None:
    for action in wide.actions:
        _no_wider(of(replace(wide, actions=wide.actions - {action})), of(wide), question)


@given(SCOPES, st.integers(1, 2), QUESTIONS)
def test_binding_to_a_data_source_never_widens(
    held: Scope, datasource: int, question: tuple[Action, Place]
) -> None:
    wide = replace(held, datasource_id=None, environment_id=None)
    _no_wider(of(replace(wide, datasource_id=datasource)), of(wide), question)


@given(SCOPES, QUESTIONS)
def test_what_is_allowed_exactly_is_allowed_somewhere(held: Scope, question: tuple[Action, Place]) -> None:
    action, place = question
    if action is not SEE and of(held).allows(action, place):
        assert of(held).allows_somewhere(action, place)


@pytest.mark.parametrize(
    ("held", "known", "hidden"),
    [
        (scope(EXECUTE), ["shop", "shop.public", "shop.public.orders", "other"], []),
        (
            scope(EXECUTE, table="order*"),
            ["shop", "shop.public", "shop.public.orders"],
            ["shop.public.salaries"],
        ),
        (
            scope(EXECUTE, database="shop", schema="public"),
            ["shop", "shop.public.orders"],
            ["other", "shop.hr"],
        ),
        (scope(EXECUTE, datasource=2), [], ["shop", "shop.public.orders"]),
    ],
)
def test_knows_what_a_grant_is_on_or_within(held: Scope, known: list[str], hidden: list[str]) -> None:
    def place(path: str) -> Place:
        return Place(1, 7, *path.split("."))

    assert all(of(held).knows(place(path)) for path in known)
    assert not any(of(held).knows(place(path)) for path in hidden)
    assert Access(False, True, ()).knows(ORDERS)
    assert Access(True, False, ()).knows(ORDERS)
