"""All rules: one folder a topic, one file a rule, one line in its topic's table.

A package adds rules by an entry point of the group ``sluicegate.rules`` whose value is a Rule or a
sequence of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Final

from sluicegate.core.plugins import entry_points
from sluicegate.sql.rules import (
    changes,
    columns,
    guards,
    indexes,
    locks,
    naming,
    objects,
    plans,
    queries,
    schema,
    tables,
)
from sluicegate.sql.rules.base import Rule

GROUP: Final = "sluicegate.rules"
TOPICS: Final[dict[str, tuple[str, ...]]] = {
    "guards": guards.NAMES,
    "naming": naming.NAMES,
    "tables": tables.NAMES,
    "columns": columns.NAMES,
    "indexes": indexes.NAMES,
    "locks": locks.NAMES,
    "queries": queries.NAMES,
    "changes": changes.NAMES,
    "schema": schema.NAMES,
    "plans": plans.NAMES,
    "objects": objects.NAMES,
}


_TOPIC_OF: Final[dict[str, str]] = {}


def topic_of(rule: Rule) -> str | None:
    """The folder of a rule that comes with the product, None of an installed one."""
    return _TOPIC_OF.get(rule.code)


def _built_in() -> Iterator[Rule]:
    for topic, names in TOPICS.items():
        for name in names:
            rule = import_module(f"{__name__}.{topic}.{name}").RULE
            assert isinstance(rule, Rule), f"{topic}.{name}"
            _TOPIC_OF[rule.code] = topic
            yield rule


def _installed() -> Iterator[Rule]:
    for point in entry_points(GROUP):
        loaded = point.load()
        for rule in (loaded,) if isinstance(loaded, Rule) else tuple(loaded):
            if not isinstance(rule, Rule):
                raise TypeError(f"{point.value} isn't a rule")
            yield rule


def _all() -> tuple[Rule, ...]:
    rules = tuple(sorted((*_built_in(), *_installed()), key=lambda rule: rule.id))
    for name in ("id", "code"):
        values = [getattr(rule, name) for rule in rules]
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise ValueError(f"rules share the {name} {', '.join(sorted(twice))}")
    return rules


RULES: Final[tuple[Rule, ...]] = _all()
BY_CODE: Final[dict[str, Rule]] = {rule.code: rule for rule in RULES}
BY_NAME: Final[dict[str, Rule]] = {**BY_CODE, **{rule.id: rule for rule in RULES}}
