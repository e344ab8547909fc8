"""What one definition is foreseen to do, from its values and the catalogue."""

from __future__ import annotations

from sluicegate.sql.analyse import Foresight
from sluicegate.sql.catalogue import CatalogueCopy
from sluicegate.sql.impact import Impact
from sluicegate.sql.model import AnalysisContext
from sluicegate.sql.structure.definitions import Definitions, Table
from sluicegate.sql.walk import SchemaWalk

Version = tuple[int, ...] | None


def foreseen(
    foresight: Foresight, definition: Definitions, *tables: Table, version: Version, home: str | None = None
) -> Impact:
    walk = SchemaWalk(CatalogueCopy(tables, home), home)
    impact = foresight(definition, walk, AnalysisContext(server_version=version))
    assert impact is not None
    return impact
