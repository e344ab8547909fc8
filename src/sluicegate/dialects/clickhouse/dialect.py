"""ClickHouse: the face of its analysis. There is no driver: see OfflineDialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sluicegate.dialects.base import DialectFeatures
from sluicegate.dialects.common.offline import OfflineDialect

if TYPE_CHECKING:
    from sluicegate.sql.analyse import Analyser


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

    @property
    def analyser(self) -> Analyser:
        from sluicegate.dialects.clickhouse.analysis import ANALYSER  # noqa: PLC0415 - loaded when needed

        return ANALYSER
