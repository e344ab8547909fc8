"""What people look up of the rules: found by words, topic and family; and one of them alone, to try it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sluicegate.core.errors import InvalidInput, NotFound
from sluicegate.core.messages import Language
from sluicegate.sql.policy import from_json
from sluicegate.sql.rules import BY_NAME, RULES, TOPICS, topic_of
from sluicegate.sql.rules.base import Rule, Text
from sluicegate.sql.ruleset import OFF, RuleSet

INSTALLED: Final = "installed"  # the topic of rules from other packages
ALL_TOPICS: Final = (*TOPICS, INSTALLED)
_NO_TEXT: Final = Text(zh="", en="")


def topic(rule: Rule) -> str:
    return topic_of(rule) or INSTALLED


def found(*, words: str = "", topic_name: str = "", family: str = "") -> Iterator[Rule]:
    """The rules that hold every one of the words, in id, code or texts of either language.

    Raises:
        InvalidInput: ``rule_topic_unknown``, ``rule_family_unknown``.
    """
    if topic_name and topic_name not in ALL_TOPICS:
        raise InvalidInput("rule_topic_unknown", topic=topic_name[:40], known=", ".join(ALL_TOPICS))
    families = sorted({name for rule in RULES for name in rule.families})
    if family and family not in families:
        raise InvalidInput("rule_family_unknown", family=family[:40], known=", ".join(families))
    wanted = words.casefold().split()
    for rule in RULES:
        if (topic_name and topic(rule) != topic_name) or (family and family not in rule.families):
            continue
        held = _text(rule)
        if all(word in held for word in wanted):
            yield rule


def _text(rule: Rule) -> str:
    texts = [text for text in (rule.title, rule.message, rule.why) if text is not None]
    return " ".join([rule.id, rule.code, *(part for text in texts for part in (text.zh, text.en))]).casefold()


def rule_named(name: str) -> Rule:
    """By code or id, whatever the case.

    Raises:
        NotFound: ``rule_missing``.
    """
    rule = BY_NAME.get(name.upper())
    if rule is None:
        raise NotFound("rule_missing", rule=name[:80])
    return rule


def said(text: Text | None, language: Language) -> str:
    return getattr(text or _NO_TEXT, language)  # type: ignore[no-any-return]


def level_of(rule: Rule) -> str:
    """Its level without any policy."""
    return rule.severity.code if rule.enabled else OFF


def alone(rule: Rule, level: str = "", parameters: Mapping[str, object] | None = None) -> RuleSet:
    """The rules with this one switched on, at its own level unless another is given.

    Raises:
        InvalidInput: as ``sql.policy.parse``.
    """
    choice = {**(parameters or {}), "level": level or rule.severity.code}
    return from_json({"name": rule.code, "rules": {rule.code: choice}}, rule.code).ruleset()
