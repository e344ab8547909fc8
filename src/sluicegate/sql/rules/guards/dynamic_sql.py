"""DYNAMIC_SQL: SQL made at run time: nobody can read beforehand what it does.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SEC018", code="DYNAMIC_SQL", severity=Severity.BLOCK)
