"""CONFUSABLE: names and blanks that look like others: Cyrillic in Latin, full-width forms, invisible marks.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="LEX003", code="CONFUSABLE", severity=Severity.BLOCK)
