"""The audit log: one chain whatever happens at once, and nobody alters it unnoticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from sluicegate.accounts.models import Group
from sluicegate.audit.log import Actor, record, unit_of_work, verify
from sluicegate.audit.models import AuditEntry
from tests.integration.world import World, at_once, raised

ACTOR = Actor(None, "tester")


def write(thing: str, number: int = 1) -> None:
    with unit_of_work():
        for index in range(number):
            record(ACTOR, "thing.done", "thing", thing, index=index, 说明="水闸")


def sequences(thing: str) -> list[int]:
    found = AuditEntry.objects.filter(object_type="thing", object_id=thing).order_by("sequence")
    return list(found.values_list("sequence", flat=True))


def test_outside_a_unit_of_work() -> None:
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        record(ACTOR, "thing.done", "thing", 1)


def test_rollback_leaves_nothing(world: World) -> None:
    thing = world.unique("thing")

    def fails() -> None:
        with unit_of_work():
            Group.objects.create(name=thing)
            with unit_of_work():  # joins the outer one
                record(ACTOR, "thing.done", "thing", thing)
            raise LookupError

    with pytest.raises(LookupError):
        fails()
    assert sequences(thing) == []
    assert not Group.objects.filter(name=thing).exists()
    assert verify().broken_at is None


def test_entries_that_cannot_be_written_undo_the_change(world: World) -> None:
    thing = world.unique("thing")
    with pytest.raises(DatabaseError), unit_of_work():
        Group.objects.create(name=thing)
        record(ACTOR, "x" * 81, "thing", thing)
    assert not Group.objects.filter(name=thing).exists()


def test_concurrent_units_make_one_chain(world: World) -> None:
    thing = world.unique("thing")

    def many() -> None:
        for number in range(25):
            write(thing, 1 + number % 2)

    before = verify()
    assert not raised(at_once(*[many] * 8))
    after = verify()
    written = 8 * sum(1 + number % 2 for number in range(25))
    assert (after.broken_at, after.entries) == (None, before.entries + written)
    assert len(sequences(thing)) == written


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditentry SET actor = 'nobody'",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry",
    ],
)
def test_the_database_refuses_changes(sql: str, world: World) -> None:
    write(world.unique("thing"))
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(sql)


# ---------------------------------------------------------------- somebody with all rights on the server


def _update(assignment: str) -> Callable[[list[int]], tuple[str, int]]:
    return lambda s: (f"UPDATE audit_auditentry SET {assignment} WHERE sequence = {s[1]}", s[1])


FORGERIES: dict[str, Callable[[list[int]], tuple[str, int]]] = {
    "altered data": _update("data = '{\"index\": 7}'"),
    "altered actor": _update("actor = 'nobody'"),
    "altered actor id": _update("actor_id = 77"),
    "altered time": _update("at = at + interval '1 microsecond'"),
    "altered action": _update("action = 'thing.undone'"),
    "altered object": _update("object_id = 'other'"),
    "altered hash": _update("hash = repeat('0', 64)"),
    "altered link": _update("previous_hash = repeat('0', 64)"),
    "removed": lambda s: (f"DELETE FROM audit_auditentry WHERE sequence = {s[1]}", s[1]),
    "removed and closed up": lambda s: (
        (
            f"DELETE FROM audit_auditentry WHERE sequence = {s[1]};"
            f"UPDATE audit_auditentry SET sequence = {s[1]} WHERE sequence = {s[2]}"
        ),
        s[1],
    ),
    "reordered": lambda s: (
        (
            f"UPDATE audit_auditentry SET sequence = -1 WHERE sequence = {s[1]};"
            f"UPDATE audit_auditentry SET sequence = {s[1]} WHERE sequence = {s[2]};"
            f"UPDATE audit_auditentry SET sequence = {s[2]} WHERE sequence = -1"
        ),
        s[1],
    ),
    "forged at the end": lambda s: (
        (
            "INSERT INTO audit_auditentry (sequence, at, actor_id, actor, action, object_type, object_id, data,"
            f" previous_hash, hash) SELECT {s[3] + 1}, at, actor_id, actor, action, object_type, object_id, data,"
            f" hash, repeat('a', 64) FROM audit_auditentry WHERE sequence = {s[3]}"
        ),
        s[3] + 1,
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forgery_is_named(forgery: str, world: World) -> None:
    thing = world.unique("thing")
    write(thing, 4)
    assert verify().broken_at is None
    sql, broken = FORGERIES[forgery](sequences(thing))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER ALL")
            cursor.execute(sql)
        found = verify()
        transaction.set_rollback(True)
    assert (found.broken_at, found.entries) == (broken, broken - 1)
    assert verify().broken_at is None


def test_cut_off_end_shows_against_a_kept_head(world: World) -> None:
    """A chain alone can't tell; number and head, which an auditor keeps elsewhere, do."""
    thing = world.unique("thing")
    write(thing, 2)
    kept = verify()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER ALL")
            cursor.execute(f"DELETE FROM audit_auditentry WHERE sequence = {kept.entries}")
        found = verify()
        transaction.set_rollback(True)
    assert found.broken_at is None
    assert (found.entries, found.head) != (kept.entries, kept.head)
