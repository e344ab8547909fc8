"""What a statement says, as values that are the same in every dialect: definitions and queries.

The readers live with the dialects; rules, the schema walk, impact and policies look at these values
alone. A reader leaves out what it can't be certain of: None and empty mean "not said".
"""

from __future__ import annotations

from sluicegate.sql.structure.definitions import Definitions
from sluicegate.sql.structure.queries import Query

Structure = Definitions | Query
