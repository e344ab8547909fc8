"""A team's own weights of the rules.

A policy is a YAML mapping::

    rules:
      NO_WHERE: block
      LOCK: info
      LINT: off

Keys are codes or ids of rules. What blocks by default stays blocking: a policy can neither lower nor
switch it off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sluicegate.core.errors import InvalidInput
from sluicegate.sql.model import Finding, Severity, Statement
from sluicegate.sql.rules import BY_CODE, RULES
from sluicegate.sql.rules.base import Rule

OFF: Final = "off"
_BY_NAME: Final = {**BY_CODE, **{rule.id: rule for rule in RULES}}
_SEVERITIES: Final = {severity.code: severity for severity in Severity}


@dataclass(frozen=True)
class Policy:
    """Severity by rule code; None switches the rule off."""

    severities: Mapping[str, Severity | None] = field(default_factory=dict)

    def apply(self, statement: Statement) -> Statement:
        """The statement with its findings weighed by this policy."""
        if not self.severities or not statement.findings:
            return statement
        kept = [weighed for finding in statement.findings if (weighed := self._weigh(finding)) is not None]
        kept.sort(key=lambda finding: (-finding.severity, finding.line, finding.column, finding.rule))
        return replace(statement, findings=tuple(kept))

    def _weigh(self, finding: Finding) -> Finding | None:
        if finding.code not in self.severities or finding.severity is Severity.BLOCK:
            return finding
        severity = self.severities[finding.code]
        return None if severity is None else replace(finding, severity=severity)


def parse(text: str, file: str) -> Policy:
    """Raises:
    InvalidInput: policy_invalid, policy_rule_unknown, policy_severity_unknown, policy_block_lowered.
    """
    import yaml  # noqa: PLC0415 - only who has a policy pays for it

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput("policy_invalid", file=file, problem=str(error)) from error
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, dict) or set(document) != {"rules"}:
        raise InvalidInput("policy_invalid", file=file, problem="rules:")
    return Policy(dict(_entry(str(name), value, file) for name, value in rules.items()))


def _entry(name: str, value: object, file: str) -> tuple[str, Severity | None]:
    rule: Rule | None = _BY_NAME.get(name)
    if rule is None:
        raise InvalidInput("policy_rule_unknown", file=file, rule=name)
    word = OFF if value is False else str(value).lower()  # YAML reads a bare off as false
    if word != OFF and word not in _SEVERITIES:
        raise InvalidInput(
            "policy_severity_unknown",
            file=file,
            rule=name,
            severity=word,
            known=", ".join([*_SEVERITIES, OFF]),
        )
    severity = None if word == OFF else _SEVERITIES[word]
    if rule.severity is Severity.BLOCK and severity is not Severity.BLOCK:
        raise InvalidInput("policy_block_lowered", file=file, rule=rule.code)
    return rule.code, severity
