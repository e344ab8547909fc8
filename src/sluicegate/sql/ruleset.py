"""Which rules judge a script, at which level and with which parameters: the built-in default, and over it
what policies say. Where several policies speak of a rule, the strictest wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from sluicegate.sql.facts import Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules import RULES
from sluicegate.sql.rules.base import Options, Rule, Subject
from sluicegate.sql.structure.queries import Query


@dataclass(frozen=True, slots=True)
class Setting:
    """What one policy says of one rule.

    Attributes:
        severity: None switches the rule off.
        tables: patterns (``orders``, ``log_*``, ``billing.*``); it concerns only statements that name such a
            table. Empty: all statements.
        policy: the policy's name, for people.
    """

    rule: Rule
    severity: Severity | None
    options: Options
    tables: tuple[str, ...] = ()
    policy: str = ""

    def concerns(self, objects: Iterable[ObjectRef]) -> bool:
        return not self.tables or any(_matches(pattern, ref) for pattern in self.tables for ref in objects)


def _matches(pattern: str, ref: ObjectRef) -> bool:
    place = ref.schema or ref.database
    name = ref.name.casefold()
    pattern = pattern.casefold()
    if "." in pattern:
        return place is not None and fnmatchcase(f"{place.casefold()}.{name}", pattern)
    return fnmatchcase(name, pattern)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One rule with all that is said of it."""

    rule: Rule
    default: Setting
    settings: tuple[Setting, ...] = ()

    def applicable(self, objects: Sequence[ObjectRef]) -> tuple[Setting, ...]:
        if self.settings:
            found = tuple(setting for setting in self.settings if setting.concerns(objects))
            if found:
                return found
        return (self.default,)


class RuleSet:
    """Args:
    settings: of all policies that apply to the target; rules that none mentions keep their default.
    rules: those there are, own ones included.
    """

    def __init__(self, settings: Iterable[Setting] = (), rules: Sequence[Rule] = RULES) -> None:
        mentioned: dict[str, list[Setting]] = {}
        for setting in settings:
            mentioned.setdefault(setting.rule.code, []).append(setting)
        known = {rule.code: rule for rule in rules}
        for code, found in mentioned.items():
            known.setdefault(code, found[0].rule)
        self._entries = {
            code: _Entry(rule, _default(rule), tuple(mentioned.get(code, ()))) for code, rule in known.items()
        }
        active = [entry for entry in self._entries.values() if _may_speak(entry)]
        self._text = [entry for entry in active if entry.rule.check is not None and not entry.rule.by_script]
        self._script = [entry for entry in active if entry.rule.check is not None and entry.rule.by_script]
        self._by_structure: dict[tuple[str, type], tuple[_Entry, ...]] = {}
        self._plain: dict[str, tuple[_Entry, ...]] = {}
        self._by_script: dict[str, tuple[_Entry, ...]] = {}
        self.reads_literals = any(entry.rule.reads_literals for entry in active)

    # ---------------------------------------------------------------- checks

    def check_text(self, subject: Subject, notes: list[Note]) -> None:
        """Append what the rules find that look at the statement alone."""
        family = subject.family
        plain = self._plain.get(family)
        if plain is None:
            plain = self._plain[family] = tuple(
                entry for entry in self._text if family in entry.rule.families and not entry.rule.structures
            )
        for entry in plain:
            notes.extend(_run(entry, subject))
        structure = subject.structure
        if structure is None:
            return
        key = (family, type(structure))
        entries = self._by_structure.get(key)
        if entries is None:
            entries = self._by_structure[key] = tuple(
                entry
                for entry in self._text
                if family in entry.rule.families and type(structure) in entry.rule.structures
            )
        for entry in entries:
            notes.extend(_run(entry, subject))

    def check_script(self, subject: Subject) -> list[Note]:
        """What the rules find that look at the place in the script."""
        family = subject.family
        entries = self._by_script.get(family)
        if entries is None:
            entries = self._by_script[family] = tuple(
                entry for entry in self._script if family in entry.rule.families
            )
        notes: list[Note] = []
        for entry in entries:
            if not entry.rule.structures or isinstance(subject.structure, entry.rule.structures):
                notes.extend(_run(entry, subject))
        return notes

    def reusable(self, subject: Subject) -> bool:
        """Whether another statement of the same shape would be judged alike."""
        if not self.reads_literals:
            return True
        structure = subject.structure
        return not (isinstance(structure, Query) and structure.literals_matter)

    # ---------------------------------------------------------------- levels

    def rule(self, code: str) -> Rule:
        return self._entries[code].rule

    def weigh(self, note: Note, objects: Sequence[ObjectRef]) -> Note | None:
        """A note that a reader made, at the level that the policies give it; None when it is off."""
        entry = self._entries[note.code]
        if not entry.settings:
            return note if entry.default.severity is not None else None
        settings = entry.applicable(objects)
        weighed = [found for setting in settings if (found := _weighed(note, setting)) is not None]
        return max(weighed, key=_level, default=None)


def _default(rule: Rule) -> Setting:
    return Setting(rule, rule.severity if rule.enabled else None, rule.defaults)


def _may_speak(entry: _Entry) -> bool:
    return any(setting.severity is not None for setting in (entry.default, *entry.settings))


def _level(note: Note) -> int:
    return note.severity or 0


def _run(entry: _Entry, subject: Subject) -> Iterator[Note]:
    check = entry.rule.check
    assert check is not None
    for setting in entry.applicable(subject.facts.objects):
        if setting.severity is None and not _blocks(entry.rule):
            continue
        for note in check(subject, setting.options):
            weighed = _weighed(note, setting)
            if weighed is None:
                continue
            if setting.options.values:
                weighed.params = {**setting.options.shown(), **(weighed.params or {})}
            yield weighed


def _blocks(rule: Rule) -> bool:
    return rule.severity is Severity.BLOCK


def _weighed(note: Note, setting: Setting) -> Note | None:
    """What blocks by itself goes on to block: a policy can neither lower it nor switch it off. A level of a
    policy holds for all cases of the rule, the built-in one only where the case has none of its own."""
    rule = setting.rule
    own = rule.severity if note.severity is None else note.severity
    if own is Severity.BLOCK:
        return replace(note, severity=own)
    if not setting.policy:
        return replace(note, severity=own) if setting.severity is not None else None
    return None if setting.severity is None else replace(note, severity=setting.severity)


@cache
def default() -> RuleSet:
    """The rules without any policy."""
    return RuleSet()


OFF: Final = "off"
