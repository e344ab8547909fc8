"""FILE_WRITE: writes files of the server.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC011", code="FILE_WRITE", severity=Severity.BLOCK)
