"""TX_CONTROL: transactions are opened and closed by the execution alone.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="TXN001", code="TX_CONTROL", severity=Severity.BLOCK)
