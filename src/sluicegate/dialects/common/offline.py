"""Dialects whose scripts can be analysed, but that have no driver here."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NoReturn

from sluicegate.dialects.base import Dialect, Endpoint, ImageSet, SessionLimits, Unsupported
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import AnalysisContext, ImagePlan, NoImage, Statement

if TYPE_CHECKING:
    from sluicegate.sql.analyse import Analyser


class OfflineDialect(Dialect):
    """``features.connects`` is False: no data source can be of this dialect."""

    @property
    @abstractmethod
    def analyser(self) -> Analyser:
        """The parts of its analysis."""

    def analyse(self, script: str, context: AnalysisContext) -> Iterator[Statement]:
        from sluicegate.sql.analyse import analyse  # noqa: PLC0415 - loaded when needed

        return analyse(script, context, self.analyser)

    def analyse_stream(self, chunks: Iterable[str], context: AnalysisContext) -> Iterator[Statement]:
        from sluicegate.sql.analyse import analyse_stream  # noqa: PLC0415 - loaded when needed

        return analyse_stream(chunks, context, self.analyser)

    def definitions(self, script: str) -> Iterator[Definition]:
        """What a dump of the schema says about statements that reach further than their text."""
        from sluicegate.sql.analyse import definitions  # noqa: PLC0415 - loaded when needed

        return definitions(script, self.analyser)

    def image_plan(self, statement: Statement) -> ImagePlan | NoImage:  # noqa: ARG002 - nothing is ever read
        return NoImage("image_offline")

    def rollback_statements(self, images: ImageSet) -> Iterable[str]:  # noqa: ARG002 - there are no images
        raise self._unsupported()

    def connect(
        self,
        endpoint: Endpoint,  # noqa: ARG002 - there is no driver to give it to
        limits: SessionLimits,  # noqa: ARG002
        *,
        label: str = "sluicegate",  # noqa: ARG002
    ) -> NoReturn:
        """Raises Unsupported ``dialect_analysis_only``."""
        raise self._unsupported()

    def _unsupported(self) -> Unsupported:
        return Unsupported("dialect_analysis_only", dialect=self.label)
