"""ADMIN_FUNC: administers the server.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC016", code="ADMIN_FUNC", severity=Severity.BLOCK)
