"""A team's own weights of the rules, as YAML::

    name: production
    environments: [prod]          # where it holds; everywhere without this and the next
    datasources: [orders-db]
    tables: [orders, "log_*"]     # only for such tables; all without it
    rules:
      NO_WHERE: block             # a level …
      LINT: off                   # … or off …
      TABLE_COLUMNS_MANY:         # … or a level and parameters
        level: error
        max: 80
    expressions:                  # rules of one's own, in CEL
      - code: NO_TEMP_TABLES
        level: error
        message: {zh: "…", en: "…"}
        when: statement.tables.exists(t, t.name.startsWith("tmp_"))

Keys of ``rules`` are codes or ids of rules. What blocks by default stays blocking: a policy can neither
lower nor switch it off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sluicegate.core.errors import InvalidInput
from sluicegate.sql import policy_document as document
from sluicegate.sql.expressions import Expression, compiled, rule
from sluicegate.sql.model import Severity
from sluicegate.sql.rules import BY_CODE, BY_NAME
from sluicegate.sql.rules.base import NO_OPTIONS, Options, Parameter, Rule, Text, Value
from sluicegate.sql.ruleset import OFF, RuleSet, Setting

MAX_NAME: Final = 80
_KEYS: Final = ("name", "enabled", "environments", "datasources", "tables", "rules", "expressions")
_EXPRESSION_KEYS: Final = ("code", "title", "message", "level", "when")
_SEVERITIES: Final = {severity.code: severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a policy says of one rule. ``severity`` None: off. ``given``: the parameters it sets."""

    rule: Rule
    severity: Severity | None
    given: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule that the policy writes itself. ``severity`` None: off."""

    code: str
    severity: Severity | None
    title: Text
    message: Text
    when: Expression


@dataclass(frozen=True, slots=True)
class Policy:
    """What one document says."""

    name: str = ""
    enabled: bool = True
    environments: tuple[str, ...] = ()
    datasources: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    own: tuple[OwnRule, ...] = ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        chosen = tuple(
            Setting(
                choice.rule,
                choice.severity,
                Options({**choice.rule.defaults.values, **choice.given}),
                self.tables,
                self.name,
            )
            for choice in self.choices
        )
        return chosen + tuple(
            Setting(
                rule(item.code, self.name, item.severity, item.title, item.message, item.when),
                item.severity,
                NO_OPTIONS,
                self.tables,
                self.name,
            )
            for item in self.own
            if item.severity is not None
        )

    def ruleset(self) -> RuleSet:
        return combined([self])

    def to_yaml(self) -> str:
        """The document that ``parse`` reads as this policy."""
        return document.written(self.to_json())

    def to_json(self) -> dict[str, object]:
        """The same as plain values, without what isn't said."""
        found: dict[str, object] = {"name": self.name}
        if not self.enabled:
            found["enabled"] = False
        for key in ("environments", "datasources", "tables"):
            names: tuple[str, ...] = getattr(self, key)
            if names:
                found[key] = list(names)
        if self.choices:
            found["rules"] = {choice.rule.code: _choice_json(choice) for choice in self.choices}
        if self.own:
            found["expressions"] = [_own_json(item) for item in self.own]
        return found


def combined(policies: Sequence[Policy]) -> RuleSet:
    """The rules under several policies; those that are disabled say nothing."""
    return RuleSet(setting for policy in policies if policy.enabled for setting in policy.settings)


def _choice_json(choice: Choice) -> object:
    level = _level(choice.severity)
    if not choice.given:
        return level
    return {"level": level} | {
        name: list(value) if isinstance(value, tuple) else value for name, value in choice.given.items()
    }


def _own_json(item: OwnRule) -> dict[str, object]:
    return {
        "code": item.code,
        "title": {"zh": item.title.zh, "en": item.title.en},
        "message": {"zh": item.message.zh, "en": item.message.en},
        "level": _level(item.severity),
        "when": item.when.source,
    }


def _level(severity: Severity | None) -> str:
    return OFF if severity is None else severity.code


# ---------------------------------------------------------------- reading


def parse(text: str, file: str) -> Policy:
    """A policy from YAML; ``file`` names it in errors, and is its name when the document has none.

    Raises:
        InvalidInput: policy_invalid, policy_key_unknown, policy_value_invalid, policy_rule_unknown,
            policy_rule_twice, policy_severity_unknown, policy_block_lowered, policy_parameter_unknown,
            policy_parameter_invalid, expression_…
    """
    return from_json(document.read(text, file), file)


def from_json(found: object, file: str) -> Policy:
    """The same from plain values."""
    keys = document.mapping(found, _KEYS, file, "-")
    name = keys.get("name", file)
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME:
        raise InvalidInput("policy_value_invalid", file=file, key="name", expected=f"1–{MAX_NAME}")
    enabled = keys.get("enabled", True)
    if not isinstance(enabled, bool):
        raise InvalidInput("policy_value_invalid", file=file, key="enabled", expected="true | false")
    choices = _choices(keys.get("rules") or {}, file)
    own = _own_rules(keys.get("expressions") or (), file)
    return Policy(
        name=name,
        enabled=enabled,
        environments=document.texts(keys.get("environments"), file, "environments"),
        datasources=document.texts(keys.get("datasources"), file, "datasources"),
        tables=document.texts(keys.get("tables"), file, "tables"),
        choices=choices,
        own=own,
    )


def _choices(found: object, file: str) -> tuple[Choice, ...]:
    if not isinstance(found, Mapping):
        raise InvalidInput("policy_value_invalid", file=file, key="rules", expected="CODE: level")
    choices: dict[str, Choice] = {}
    for name, value in found.items():
        choice = _choice(str(name), value, file)
        if choice.rule.code in choices:  # once by its code and once by its id
            raise InvalidInput("policy_rule_twice", file=file, rule=choice.rule.code)
        choices[choice.rule.code] = choice
    return tuple(choices.values())


def _choice(name: str, value: object, file: str) -> Choice:
    known = BY_NAME.get(name)
    if known is None:
        raise InvalidInput("policy_rule_unknown", file=file, rule=name[:80])
    given: Mapping[object, object] = value if isinstance(value, Mapping) else {"level": value}
    severity = _severity(known.code, given.get("level", known.severity.code), file)
    if known.severity is Severity.BLOCK and severity is not Severity.BLOCK:
        raise InvalidInput("policy_block_lowered", file=file, rule=known.code)
    return Choice(known, severity, _parameters(known, given, file))


def _severity(code: str, value: object, file: str) -> Severity | None:
    word = OFF if value is False else str(value)[:40].lower()  # YAML reads a bare off as false
    if word != OFF and word not in _SEVERITIES:
        levels = ", ".join([*_SEVERITIES, OFF])
        raise InvalidInput("policy_severity_unknown", file=file, rule=code, severity=word, known=levels)
    return None if word == OFF else _SEVERITIES[word]


def _parameters(known: Rule, given: Mapping[object, object], file: str) -> dict[str, Value]:
    parameters = {parameter.name: parameter for parameter in known.parameters}
    found: dict[str, Value] = {}
    for name, value in given.items():
        if name == "level":
            continue
        parameter = parameters.get(str(name))
        if parameter is None:
            raise InvalidInput(
                "policy_parameter_unknown",
                file=file,
                rule=known.code,
                parameter=str(name)[:80],
                known=", ".join(parameters) or "-",
            )
        read = parameter_value(parameter, value)
        if read is None:
            raise InvalidInput(
                "policy_parameter_invalid",
                file=file,
                rule=known.code,
                parameter=parameter.name,
                value=str(value)[:80],
                expected=expected(parameter),
            )
        found[parameter.name] = read
    return found


def parameter_value(parameter: Parameter, value: object) -> Value | None:
    """None when it isn't one that the parameter takes."""
    default = parameter.default
    if isinstance(default, bool):
        return value if isinstance(value, bool) else None
    if isinstance(default, int):
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        return value if parameter.minimum is None or value >= parameter.minimum else None
    if isinstance(default, str):
        return value if isinstance(value, str) and _chosen(parameter, value) else None
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(value) if all(_chosen(parameter, item) for item in value) else None


def _chosen(parameter: Parameter, value: str) -> bool:
    return not parameter.choices or value in parameter.choices


def expected(parameter: Parameter) -> str:
    """What the parameter takes, for people."""
    if parameter.choices:
        return " | ".join(parameter.choices)
    if isinstance(parameter.default, bool):
        return "true | false"
    if isinstance(parameter.default, int):
        return "0, 1, 2 …" if parameter.minimum is None else f"≥ {parameter.minimum}"
    return '"text"' if isinstance(parameter.default, str) else "[list, of, texts]"


# ---------------------------------------------------------------- rules of one's own


def _own_rules(found: object, file: str) -> tuple[OwnRule, ...]:
    if not isinstance(found, list | tuple):
        raise InvalidInput("policy_value_invalid", file=file, key="expressions", expected="- code: …")
    items = tuple(_own_rule(item, file) for item in found)
    codes = [item.code for item in items]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise InvalidInput("policy_rule_twice", file=file, rule=twice)
    return items


def _own_rule(found: object, file: str) -> OwnRule:
    keys = document.mapping(found, _EXPRESSION_KEYS, file, "expressions")
    code = keys.get("code")
    if not isinstance(code, str) or not document.CODE.fullmatch(code):
        raise InvalidInput(
            "policy_value_invalid", file=file, key="expressions.code", expected="UPPER_SNAKE_CASE"
        )
    if code in BY_CODE:
        raise InvalidInput("expression_code_taken", file=file, code=code)
    source = keys.get("when")
    if not isinstance(source, str) or not source.strip():
        raise InvalidInput("policy_value_invalid", file=file, key=f"{code}.when", expected="CEL")
    title = document.both(keys.get("title", code), file, f"{code}.title")
    return OwnRule(
        code=code,
        severity=_severity(code, keys.get("level", Severity.WARNING.code), file),
        title=title,
        message=document.both(keys.get("message", {"zh": title.zh, "en": title.en}), file, f"{code}.message"),
        when=compiled(source, file=file, code=code),
    )
