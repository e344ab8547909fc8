"""ENCODING: bytes or literals in another encoding than the UTF-8 that reviewer and server share.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="LEX001", code="ENCODING", severity=Severity.BLOCK)
