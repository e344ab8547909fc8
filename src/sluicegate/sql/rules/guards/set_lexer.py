"""SET_LEXER: changes how the server reads what follows.

The readers of the dialects note the cases.
"""

from __future__ import annotations

from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule

RULE = Rule(id="SES002", code="SET_LEXER", severity=Severity.BLOCK)
