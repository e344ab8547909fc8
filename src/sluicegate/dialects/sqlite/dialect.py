"""SQLite: the face of its analysis and driver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from sluicegate.dialects.base import Dialect, DialectFeatures, Endpoint, ImageSet, Session, SessionLimits
from sluicegate.sql.catalogue import CatalogueCopy
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import AnalysisContext, ImagePlan, NoImage, Statement


class Sqlite(Dialect):
    code: ClassVar[str] = "sqlite"
    label: ClassVar[str] = "SQLite"
    features: ClassVar[DialectFeatures] = DialectFeatures(
        has_databases=False,
        has_schemas=False,
        file_based=True,
        default_port=None,
        transactional_dml=True,
        transactional_ddl=True,
        explains_dml=False,
        counts_dml=True,
        marker_place_kind="table",
        tested_against="SQLite 3",
    )

    def analyse(self, script: str, context: AnalysisContext) -> Iterator[Statement]:
        from sluicegate.dialects.sqlite.analysis import analyse  # noqa: PLC0415 - loaded when needed

        return analyse(script, context)

    def analyse_stream(self, chunks: Iterable[str], context: AnalysisContext) -> Iterator[Statement]:
        from sluicegate.dialects.sqlite.analysis import analyse_stream  # noqa: PLC0415 - loaded when needed

        return analyse_stream(chunks, context)

    def definitions(self, script: str) -> Iterator[Definition]:
        from sluicegate.dialects.sqlite.analysis import definitions  # noqa: PLC0415 - loaded when needed

        return definitions(script)

    def catalogue(self, script: str, home: str | None = None) -> CatalogueCopy:
        from sluicegate.dialects.sqlite.analysis import catalogue  # noqa: PLC0415 - loaded when needed

        return catalogue(script, home)

    def image_plan(self, statement: Statement) -> ImagePlan | NoImage:
        from sluicegate.dialects.sqlite.analysis import image_plan  # noqa: PLC0415 - loaded when needed

        return image_plan(statement)

    def rollback_statements(self, images: ImageSet) -> Iterable[str]:
        from sluicegate.dialects.sqlite.rollback import rollback_statements  # noqa: PLC0415 - driver half

        return rollback_statements(images)

    def connect(self, endpoint: Endpoint, limits: SessionLimits, *, label: str = "sluicegate") -> Session:
        from sluicegate.dialects.sqlite.session import connect  # noqa: PLC0415 - loads the driver

        return connect(endpoint, limits, label=label)
