"""TAUTOLOGY: a WHERE that filters nothing.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="DML002", code="TAUTOLOGY", severity=Severity.ERROR)
