"""FILE_READ: reads files of the server or the client.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC010", code="FILE_READ", severity=Severity.BLOCK)
