"""SQL Server: the face of its analysis. There is no driver: see OfflineDialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sluicegate.dialects.base import DialectFeatures
from sluicegate.dialects.common.offline import OfflineDialect

if TYPE_CHECKING:
    from sluicegate.sql.analyse import Analyser


class SqlServer(OfflineDialect):
    code: ClassVar[str] = "mssql"
    label: ClassVar[str] = "SQL Server"
    features: ClassVar[DialectFeatures] = DialectFeatures(
        has_databases=True,
        has_schemas=True,
        file_based=False,
        default_port=1433,
        transactional_dml=True,
        transactional_ddl=True,
        explains_dml=False,
        marker_place_kind="schema",
        tested_against="",
        connects=False,
    )

    @property
    def analyser(self) -> Analyser:
        from sluicegate.dialects.mssql.analysis import ANALYSER  # noqa: PLC0415 - loaded when needed

        return ANALYSER
