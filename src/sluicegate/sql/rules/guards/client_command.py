"""CLIENT_COMMAND: a command for the database's own client, which Sluicegate never runs.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="LEX006", code="CLIENT_COMMAND", severity=Severity.BLOCK)
