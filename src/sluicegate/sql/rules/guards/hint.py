"""HINT: an optimizer hint; some set variables or lift limits.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="LEX008", code="HINT", severity=Severity.INFO)
