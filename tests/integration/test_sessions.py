"""The limit of open sessions on a data source."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from sluicegate.core.errors import Conflict, SluicegateError, Unavailable
from sluicegate.datasources.models import DataSource, SessionSlot
from sluicegate.datasources.services import (
    DataSourceFields,
    edit_datasource,
    register_datasource,
    set_datasource_enabled,
)
from sluicegate.datasources.sessions import short_session
from sluicegate.dialects.base import ConnectionFailed
from tests.integration.world import World, at_once, raised


def taken(datasource: DataSource) -> int:
    return SessionSlot.objects.filter(datasource=datasource).count()


def test_limit(world: World) -> None:
    datasource = world.datasource(max_sessions=2)
    with short_session(datasource, None, "test"), short_session(datasource, None, "test"):
        with pytest.raises(Unavailable) as refusal, short_session(datasource, None, "test"):
            pass
        assert (refusal.value.code, refusal.value.params["limit"]) == ("datasource_busy", 2)
    assert taken(datasource) == 0
    with short_session(datasource, None, "test") as session:
        assert [table.name for table in session.tables(None)] == ["orders"]


def test_limit_holds_for_many_at_once(world: World) -> None:
    datasource = world.datasource(max_sessions=3)
    all_tried = threading.Barrier(8)

    def use() -> None:
        try:
            with short_session(datasource, None, "test"):
                all_tried.wait(30)
        except Unavailable:
            all_tried.wait(30)
            raise

    assert len(raised(at_once(*[use] * 8))) == 5
    assert taken(datasource) == 0


def test_slot_of_a_dead_holder_comes_free(world: World) -> None:
    datasource = world.datasource(max_sessions=1)
    SessionSlot.objects.create(
        datasource=datasource, purpose="x", expires_at=timezone.now() - timedelta(seconds=1)
    )
    with short_session(datasource, None, "test"):
        assert taken(datasource) == 1


def test_failing_to_connect_frees_the_slot(world: World) -> None:
    datasource = world.datasource(max_sessions=1)
    gone = edit_datasource(
        by=world.admin,
        datasource_id=datasource.pk,
        values=DataSourceFields(database=datasource.database + ".gone"),
    )
    for _ in range(2):
        with pytest.raises(SluicegateError) as refusal, short_session(gone, None, "test"):
            pass
        assert refusal.value.code != "datasource_busy"
    assert taken(gone) == 0


def test_disabled(world: World) -> None:
    datasource = set_datasource_enabled(by=world.admin, datasource_id=world.datasource().pk, enabled=False)
    with pytest.raises(Conflict) as refusal, short_session(datasource, None, "test"):
        pass
    assert refusal.value.code == "datasource_disabled"


def test_another_server_is_another_revision(world: World) -> None:
    """So that what was approved for one is never run on the other."""
    datasource = world.datasource()
    for change, revision in ((DataSourceFields(remark="x"), 1), (DataSourceFields(environment="prod"), 2)):
        edited = edit_datasource(by=world.admin, datasource_id=datasource.pk, values=change)
        assert edited.revision == revision


@pytest.mark.parametrize(
    ("host", "code"),
    [("169.254.169.254", "target_address_refused"), ("no-such-host.invalid", "target_unreachable")],
)
def test_where_a_data_source_may_not_be(world: World, host: str, code: str) -> None:
    values = DataSourceFields(name=world.unique("metadata"), dialect="mysql", host=host, environment="dev")
    datasource = register_datasource(by=world.admin, values=values)
    with pytest.raises(ConnectionFailed) as refusal, short_session(datasource, None, "test"):
        pass
    assert refusal.value.code == code
    assert taken(datasource) == 0
