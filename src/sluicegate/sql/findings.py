"""Findings in words."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from sluicegate.core.messages import Language, text
from sluicegate.sql.model import Finding, Waiver


def say(finding: Finding, language: Language) -> str:
    """The finding's sentence: its rule's own text, or the catalogue's."""
    return say_code(finding.message_code, finding.code, finding.params, language)


def say_waiver(waiver: Waiver, language: Language) -> str:
    """Who answers for a finding, and why."""
    return text("finding_waived_by", language, by=waiver.by, reason=waiver.reason)


def say_code(message_code: str, code: str, params: Mapping[str, object], language: Language) -> str:
    """The same for a stored finding."""
    from sluicegate.sql.rules import BY_CODE  # noqa: PLC0415 - who shows no findings loads no rules

    own = params.get(f"message_{language}")
    if isinstance(own, str):  # a rule written as an expression in a policy
        return own
    rule = BY_CODE.get(code)
    if rule is None or rule.message is None or message_code != rule.message_code:
        return text(message_code, language, **params)
    return _Lenient().vformat(getattr(rule.message, language), (), params)


class _Lenient(Formatter):
    """Leaves a placeholder without a value standing."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:  # noqa: ARG002
        return kwargs.get(str(key), "{" + str(key) + "}")
