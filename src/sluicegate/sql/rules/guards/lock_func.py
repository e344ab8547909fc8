"""LOCK_FUNC: takes or releases the locks that guard executions.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC014", code="LOCK_FUNC", severity=Severity.BLOCK)
