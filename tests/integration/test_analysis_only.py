"""Dialects that are only analysed are no data source's."""

from __future__ import annotations

import pytest

from sluicegate.datasources.models import DataSource
from sluicegate.datasources.services import DataSourceFields, register_datasource
from sluicegate.dialects.base import Unsupported
from tests.integration.world import World


@pytest.mark.parametrize(
    ("dialect", "label"), [("oracle", "Oracle"), ("mssql", "SQL Server"), ("clickhouse", "ClickHouse")]
)
def test_they_cant_be_registered(world: World, dialect: str, label: str) -> None:
    values = DataSourceFields(
        name=world.unique("offline"), dialect=dialect, host="db.example.com", database="d", environment="dev"
    )
    with pytest.raises(Unsupported) as refused:
        register_datasource(by=world.admin, values=values)
    assert (refused.value.code, refused.value.params) == ("dialect_analysis_only", {"dialect": label})
    assert not DataSource.objects.filter(name=values.name).exists()
