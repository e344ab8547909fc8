"""UNKNOWN: a statement whose meaning isn't certain.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SQL001", code="UNKNOWN", severity=Severity.BLOCK)
