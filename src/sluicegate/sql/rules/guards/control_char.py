"""CONTROL_CHAR: control characters and line ends that programs disagree about: the reader sees other lines than the server.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="LEX002", code="CONTROL_CHAR", severity=Severity.BLOCK)
