"""OS_COMMAND: runs programs or loads native code.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC012", code="OS_COMMAND", severity=Severity.BLOCK)
