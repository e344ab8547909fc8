"""NETWORK: makes the server connect elsewhere.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC013", code="NETWORK", severity=Severity.BLOCK)
