"""LINT: legal, but hardly what was meant.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SQL003", code="LINT", severity=Severity.WARNING)
