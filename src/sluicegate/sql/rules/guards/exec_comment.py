"""EXEC_COMMENT: a comment whose content the server runs.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="LEX005", code="EXEC_COMMENT", severity=Severity.WARNING)
