"""What a person learns of a data source's catalogue."""

from __future__ import annotations

import sqlite3

import pytest

from sluicegate.accounts.grants import GrantScope, grant_access
from sluicegate.accounts.models import User
from sluicegate.core.errors import NotFound
from sluicegate.datasources import sessions
from tests.integration.world import World


def test_the_catalogue_shows_what_ones_grants_are_on(world: World) -> None:
    datasource = world.datasource()
    with sqlite3.connect(datasource.database) as file:
        file.execute("CREATE TABLE salaries (id INT)")
    file.close()
    someone = world.person()

    def tables(who: User) -> list[str]:
        found = sessions.list_tables(by=who, datasource_id=datasource.pk, database=None, schema=None)
        return sorted(table.name for table in found)

    def described(who: User, table: str) -> str:
        found = sessions.describe_table(
            by=who, datasource_id=datasource.pk, database=None, schema=None, table=table
        )
        return found.summary.name

    with pytest.raises(NotFound):
        tables(someone)
    scope = GrantScope(datasource_id=datasource.pk, table="ord*")
    grant_access(by=world.admin, username=someone.username, actions=["execute"], scope=scope)
    assert tables(someone) == ["orders"]
    assert described(someone, "orders") == "orders"
    with pytest.raises(NotFound) as hidden:
        described(someone, "salaries")
    with pytest.raises(NotFound) as absent:
        described(someone, "nothing")
    assert hidden.value.code == absent.value.code == "target_table_missing"
    assert tables(world.admin) == ["orders", "salaries"]
