"""PRIVILEGE: changes who may do what, or the server's settings.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC017", code="PRIVILEGE", severity=Severity.BLOCK)
