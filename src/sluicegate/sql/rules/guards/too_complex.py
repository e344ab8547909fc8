"""TOO_COMPLEX: nested deeper than can be judged.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SQL002", code="TOO_COMPLEX", severity=Severity.BLOCK)
