"""STORED_CODE: runs or defines code that lives in the database.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC019", code="STORED_CODE", severity=Severity.WARNING)
