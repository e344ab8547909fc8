"""NON_TX: can't run in a transaction, or isn't undone with it.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="TXN003", code="NON_TX", severity=Severity.WARNING)
