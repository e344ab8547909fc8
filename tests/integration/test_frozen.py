"""What was approved never changes, and what rows were is kept sealed."""

from __future__ import annotations

import hashlib

import pytest
from django.db import DatabaseError, IntegrityError, connection

from sluicegate.core.errors import ConfigurationError
from sluicegate.dialects.base import ImageRow, ImageSet
from sluicegate.executions import images, services
from sluicegate.executions.models import BeforeImage, Execution, ExecutionGrant, Script, StatementRun
from tests.integration.world import SCRIPT, World

IMAGE = ImageSet(
    operation="UPDATE",
    table_text='"main"."orders"',
    key_columns=("id",),
    columns=("id", "name"),
    assigned=("name",),
    rows=(
        ImageRow(("1",), ("1", "'Canary7Qx'"), ("1", "NULL")),
        ImageRow(("2",), ("2", "'水闸''s'"), None),
    ),
)


@pytest.fixture
def run(world: World) -> StatementRun:
    return world.execution().statements.get(ordinal=1)


@pytest.mark.parametrize("field", [{"content": b"DROP TABLE orders"}, {"sha256": "0" * 64}, {"size": 1}])
def test_script_is_frozen(world: World, field: dict[str, object]) -> None:
    script = services.freeze(world.unique("SELECT").encode())
    with pytest.raises(DatabaseError, match="append-only"):
        Script.objects.filter(pk=script.pk).update(**field)


@pytest.mark.parametrize(
    "field", [{"sha256": "0" * 64}, {"database": "bank"}, {"key": "x"}, {"one_row_each": True}]
)
def test_leave_to_execute_is_frozen(world: World, field: dict[str, object]) -> None:
    grant = world.execution().grant
    with pytest.raises(DatabaseError, match="append-only"):
        ExecutionGrant.objects.filter(pk=grant.pk).update(**field)


def test_same_bytes_are_one_script(world: World) -> None:
    first, second = services.freeze(SCRIPT), services.freeze(SCRIPT)
    assert first.pk == second.pk
    assert first.sha256 == hashlib.sha256(SCRIPT).hexdigest()
    assert services.freeze(SCRIPT + b" ").pk != first.pk


def test_one_run_per_grant(world: World) -> None:
    execution = world.execution()
    with pytest.raises(IntegrityError):
        Execution.objects.create(grant=execution.grant, target_key="other")


# ---------------------------------------------------------------- before-images


def stored(run: StatementRun) -> bytes:
    """The row as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM executions_beforeimage WHERE statement_id = %s", [run.pk])
        return bytes(cursor.fetchone()[0])


def test_image_comes_back(run: StatementRun) -> None:
    images.store(run, IMAGE)
    image = BeforeImage.objects.get(statement=run)
    assert images.load(image) == IMAGE
    assert image.rows == 2


def test_image_is_sealed(run: StatementRun) -> None:
    images.store(run, IMAGE)
    for plain in (b"Canary7Qx", b"orders", "水闸".encode()):
        assert plain not in stored(run)


def test_image_of_another_statement_does_not_open(run: StatementRun, world: World) -> None:
    images.store(run, IMAGE)
    other = world.execution().statements.get(ordinal=1)
    image = BeforeImage.objects.create(statement=other, rows=2, sealed=stored(run))
    with pytest.raises(ConfigurationError) as refusal:
        images.load(image)
    assert refusal.value.code == "sealing_key_wrong"


def test_second_attempt_replaces_the_image(run: StatementRun) -> None:
    images.store(run, IMAGE)
    images.store(run, ImageSet("DELETE", "t", ("id",), ("id",), (), ()))
    assert images.load(BeforeImage.objects.get(statement=run)).operation == "DELETE"
    images.discard(run)
    assert not BeforeImage.objects.filter(statement=run).exists()
