"""EXPLAIN_ANALYZE: EXPLAIN that executes.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC001", code="EXPLAIN_ANALYZE", severity=Severity.ERROR)
