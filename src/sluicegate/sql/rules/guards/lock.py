"""LOCK: others have to wait while it runs.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="DDL002", code="LOCK", severity=Severity.WARNING)
