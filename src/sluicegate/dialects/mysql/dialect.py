"""MySQL: the face of the family's analysis and driver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from sluicegate.dialects.base import Dialect, DialectFeatures, Endpoint, ImageSet, Session, SessionLimits
from sluicegate.dialects.mysql.variant import MYSQL, Variant
from sluicegate.sql.catalogue import CatalogueCopy
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import AnalysisContext, ImagePlan, NoImage, Statement


def family_features(variant: Variant, tested_against: str = "") -> DialectFeatures:
    return DialectFeatures(
        has_databases=True,
        has_schemas=False,
        file_based=False,
        default_port=variant.default_port,
        transactional_dml=True,
        transactional_ddl=False,
        explains_dml=True,
        marker_place_kind="database",
        tested_against=tested_against,
    )


class MySql(Dialect):
    variant: ClassVar[Variant] = MYSQL
    code: ClassVar[str] = MYSQL.code
    label: ClassVar[str] = MYSQL.label
    features: ClassVar[DialectFeatures] = family_features(MYSQL)
    family: ClassVar[str] = "mysql"

    def analyse(self, script: str, context: AnalysisContext) -> Iterator[Statement]:
        from sluicegate.dialects.mysql.analysis import analyse  # noqa: PLC0415 - loaded when needed

        return analyse(script, context, self.variant)

    def analyse_stream(self, chunks: Iterable[str], context: AnalysisContext) -> Iterator[Statement]:
        from sluicegate.dialects.mysql.analysis import analyse_stream  # noqa: PLC0415 - loaded when needed

        return analyse_stream(chunks, context, self.variant)

    def definitions(self, script: str) -> Iterator[Definition]:
        from sluicegate.dialects.mysql.analysis import definitions  # noqa: PLC0415 - loaded when needed

        return definitions(script, self.variant)

    def catalogue(self, script: str, home: str | None = None) -> CatalogueCopy:
        from sluicegate.dialects.mysql.analysis import catalogue  # noqa: PLC0415 - loaded when needed

        return catalogue(script, self.variant, home)

    def image_plan(self, statement: Statement) -> ImagePlan | NoImage:
        from sluicegate.dialects.mysql.analysis import image_plan  # noqa: PLC0415 - loaded when needed

        return image_plan(statement, self.variant)

    def count_plan(self, statement: Statement) -> ImagePlan | NoImage:
        from sluicegate.dialects.mysql.analysis import image_plan  # noqa: PLC0415 - loaded when needed

        return image_plan(statement, self.variant, limited=True)

    def rollback_statements(self, images: ImageSet) -> Iterable[str]:
        from sluicegate.dialects.mysql.rollback import rollback_statements  # noqa: PLC0415 - driver half

        return rollback_statements(images)

    def connect(self, endpoint: Endpoint, limits: SessionLimits, *, label: str = "sluicegate") -> Session:
        from sluicegate.dialects.mysql.session import connect  # noqa: PLC0415 - loads the driver

        return connect(endpoint, limits, label=label, variant=self.variant)
