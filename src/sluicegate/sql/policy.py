"""A team's own weights of the rules, as YAML::

    name: production
    tables: [orders, "log_*"]     # only statements that name such a table; all without it
    rules:
      NO_WHERE: block             # a level …
      LINT: off                   # … or off …
      TABLE_COLUMNS_MANY:         # … or a level and parameters
        level: error
        max: 80

Keys are codes or ids of rules. What blocks by default stays blocking: a policy can neither lower nor
switch it off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sluicegate.core.errors import InvalidInput
from sluicegate.sql.model import Severity
from sluicegate.sql.rules import BY_NAME
from sluicegate.sql.rules.base import Options, Parameter, Rule, Value
from sluicegate.sql.ruleset import OFF, RuleSet, Setting

_SEVERITIES: Final = {severity.code: severity for severity in Severity}


@dataclass(frozen=True)
class Policy:
    """What one document says."""

    name: str = ""
    settings: tuple[Setting, ...] = ()

    def ruleset(self) -> RuleSet:
        return RuleSet(self.settings)


def parse(text: str, file: str) -> Policy:
    """Raises:
    InvalidInput: policy_invalid, policy_rule_unknown, policy_severity_unknown, policy_block_lowered,
        policy_parameter_unknown, policy_parameter_invalid.
    """
    import yaml  # noqa: PLC0415 - only who has a policy pays for it

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput("policy_invalid", file=file, problem=str(error)) from error
    if not isinstance(document, dict) or not set(document) <= {"name", "rules", "tables"}:
        raise InvalidInput("policy_invalid", file=file, problem="name, tables, rules")
    rules = document.get("rules")
    if not isinstance(rules, dict):
        raise InvalidInput("policy_invalid", file=file, problem="rules:")
    name = str(document.get("name") or file)
    tables = document.get("tables") or ()
    if not isinstance(tables, list | tuple) or not all(isinstance(pattern, str) for pattern in tables):
        raise InvalidInput("policy_invalid", file=file, problem="tables:")
    settings = tuple(
        _setting(str(rule), value, _Place(file, name, tuple(tables))) for rule, value in rules.items()
    )
    return Policy(name, settings)


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    policy: str
    tables: tuple[str, ...]


def _setting(name: str, value: object, place: _Place) -> Setting:
    rule = BY_NAME.get(name)
    if rule is None:
        raise InvalidInput("policy_rule_unknown", file=place.file, rule=name)
    given: Mapping[str, Any] = value if isinstance(value, dict) else {"level": value}
    severity = _severity(rule, given.get("level", rule.severity.code), place)
    options = {**rule.defaults.values, **dict(_options(rule, given, place))}
    return Setting(rule, severity, Options(options), place.tables, place.policy)


def _severity(rule: Rule, value: object, place: _Place) -> Severity | None:
    word = OFF if value is False else str(value).lower()  # YAML reads a bare off as false
    if word != OFF and word not in _SEVERITIES:
        raise InvalidInput(
            "policy_severity_unknown",
            file=place.file,
            rule=rule.code,
            severity=word,
            known=", ".join([*_SEVERITIES, OFF]),
        )
    severity = None if word == OFF else _SEVERITIES[word]
    if rule.severity is Severity.BLOCK and severity is not Severity.BLOCK:
        raise InvalidInput("policy_block_lowered", file=place.file, rule=rule.code)
    return severity


def _options(rule: Rule, given: Mapping[str, Any], place: _Place) -> Iterator[tuple[str, Value]]:
    parameters = {parameter.name: parameter for parameter in rule.parameters}
    for name, value in given.items():
        if name == "level":
            continue
        parameter = parameters.get(str(name))
        if parameter is None:
            raise InvalidInput(
                "policy_parameter_unknown",
                file=place.file,
                rule=rule.code,
                parameter=str(name),
                known=", ".join(parameters) or "-",
            )
        read = _value(parameter, value)
        if read is None:
            raise InvalidInput(
                "policy_parameter_invalid",
                file=place.file,
                rule=rule.code,
                parameter=parameter.name,
                value=str(value)[:80],
                expected=_expected(parameter),
            )
        yield parameter.name, read


def _value(parameter: Parameter, value: object) -> Value | None:
    """None when it isn't one that the parameter takes."""
    default = parameter.default
    if isinstance(default, bool):
        return value if isinstance(value, bool) else None
    if isinstance(default, int):
        fits = isinstance(value, int) and not isinstance(value, bool)
        return value if fits and (parameter.minimum is None or value >= parameter.minimum) else None  # type: ignore[operator,return-value]
    if isinstance(default, str):
        return value if isinstance(value, str) and _chosen(parameter, value) else None
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(value) if all(_chosen(parameter, item) for item in value) else None


def _chosen(parameter: Parameter, value: str) -> bool:
    return not parameter.choices or value in parameter.choices


def _expected(parameter: Parameter) -> str:
    if parameter.choices:
        return " | ".join(parameter.choices)
    if isinstance(parameter.default, bool):
        return "true | false"
    if isinstance(parameter.default, int):
        return "0, 1, 2 …" if parameter.minimum is None else f"≥ {parameter.minimum}"
    return '"text"' if isinstance(parameter.default, str) else "[list, of, texts]"
