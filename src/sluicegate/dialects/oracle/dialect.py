"""Oracle: the face of its analysis. There is no driver: see OfflineDialect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from sluicegate.dialects.base import DialectFeatures
from sluicegate.dialects.common.offline import OfflineDialect
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import AnalysisContext, Statement


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

    def analyse(self, script: str, context: AnalysisContext) -> Iterator[Statement]:
        from sluicegate.dialects.oracle.analysis import analyse  # noqa: PLC0415 - loaded when needed

        return analyse(script, context)

    def definitions(self, script: str) -> Iterator[Definition]:
        from sluicegate.dialects.oracle.analysis import definitions  # noqa: PLC0415 - loaded when needed

        return definitions(script)
