from __future__ import annotations

import pytest

from sluicegate.core.errors import InvalidInput
from sluicegate.dialects import registry


def test_every_code_has_its_dialect() -> None:
    assert registry.codes()[:10] == (
        "mysql",
        "mariadb",
        "tidb",
        "oceanbase",
        "polardb",
        "postgresql",
        "sqlite",
        "oracle",
        "mssql",
        "clickhouse",
    )
    assert [dialect.code for dialect in registry.all_dialects()] == list(registry.codes())
    assert len({dialect.label for dialect in registry.all_dialects()}) == len(registry.codes())
    assert registry.get("mariadb") is registry.get("mariadb")


def test_an_unknown_code_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        registry.get("db3")
    assert refused.value.code == "dialect_unknown"
    assert "postgresql" in str(refused.value.params["known"])
