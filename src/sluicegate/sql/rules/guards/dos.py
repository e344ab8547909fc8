"""DOS: keeps the server busy or waiting.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC015", code="DOS", severity=Severity.ERROR)
