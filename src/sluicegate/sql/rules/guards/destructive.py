"""DESTRUCTIVE: data or definitions disappear.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="DDL001", code="DESTRUCTIVE", severity=Severity.ERROR)
