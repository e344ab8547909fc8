"""Oracle: the face of its analysis. There is no driver: see OfflineDialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sluicegate.dialects.base import DialectFeatures
from sluicegate.dialects.common.offline import OfflineDialect

if TYPE_CHECKING:
    from sluicegate.sql.analyse import Analyser


class Oracle(OfflineDialect):
    code: ClassVar[str] = "oracle"
    label: ClassVar[str] = "Oracle"
    features: ClassVar[DialectFeatures] = DialectFeatures(
        has_databases=False,
        has_schemas=True,
        file_based=False,
        default_port=1521,
        transactional_dml=True,
        transactional_ddl=False,
        explains_dml=False,
        marker_place_kind="schema",
        tested_against="",
        connects=False,
    )

    @property
    def analyser(self) -> Analyser:
        from sluicegate.dialects.oracle.analysis import ANALYSER  # noqa: PLC0415 - loaded when needed

        return ANALYSER
