"""NO_WHERE: UPDATE or DELETE of all rows.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="DML001", code="NO_WHERE", severity=Severity.ERROR)
