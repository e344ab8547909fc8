"""SET_SESSION: changes how the session runs what follows.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SES001", code="SET_SESSION", severity=Severity.BLOCK)
