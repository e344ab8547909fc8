"""DATA_RETURN: a change that returns rows.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="DML003", code="DATA_RETURN", severity=Severity.WARNING)
