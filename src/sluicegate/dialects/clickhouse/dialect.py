"""ClickHouse: the face of its analysis. There is no driver: see OfflineDialect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from sluicegate.dialects.base import DialectFeatures
from sluicegate.dialects.common.offline import OfflineDialect
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import AnalysisContext, Statement


class ClickHouse(OfflineDialect):
    code: ClassVar[str] = "clickhouse"
    label: ClassVar[str] = "ClickHouse"
    features: ClassVar[DialectFeatures] = DialectFeatures(
        has_databases=True,
        has_schemas=False,
        file_based=False,
        default_port=9000,
        transactional_dml=False,
        transactional_ddl=False,
        explains_dml=False,
        marker_place_kind="database",
        tested_against="",
        connects=False,
    )

    def analyse(self, script: str, context: AnalysisContext) -> Iterator[Statement]:
        from sluicegate.dialects.clickhouse.analysis import analyse  # noqa: PLC0415 - loaded when needed

        return analyse(script, context)

    def definitions(self, script: str) -> Iterator[Definition]:
        from sluicegate.dialects.clickhouse.analysis import definitions  # noqa: PLC0415 - loaded when needed

        return definitions(script)
