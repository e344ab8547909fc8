"""Which rules judge a script, at which level and with which parameters: the built-in default, and over it
what policies say.

Where several policies speak of a rule, the strictest wins: it is applied with the parameters of each, and
what is found twice counts at the higher level; "off" holds only where no other policy asks for the rule. A
policy limited to some tables decides for those alone: a statement that names others too is also judged by
what holds for them. What blocks by default can't be lowered by anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from itertools import islice
from typing import Final

from sluicegate.sql.facts import MAX_NOTES, Note
from sluicegate.sql.model import ObjectRef, Severity
from sluicegate.sql.rules import RULES
from sluicegate.sql.rules.base import Check, Options, PlanSubject, Rule, Subject
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

    def concerns(self, ref: ObjectRef) -> bool:
        return not self.tables or any(_matches(pattern, ref) for pattern in self.tables)


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
        """What holds for any of the objects; for those that no policy speaks of, the default."""
        if not self.settings:
            return (self.default,)
        everywhere = tuple(setting for setting in self.settings if not setting.tables)
        if len(everywhere) == len(self.settings):
            return everywhere
        named = [ref for ref in objects if ref.type != "function"]
        if not named:
            return everywhere or (self.default,)
        found: dict[int, Setting] = {}
        for ref in named:
            here = [setting for setting in self.settings if setting.concerns(ref)]
            for setting in here or (self.default,):
                found[id(setting)] = setting
        return tuple(found.values())


PARTS: Final = ("selects", "comparisons", "assignments", "ctes", "set_operations", "tables")
"""Parts that a query may have, for Rule.needs; ``tables`` stands for more than one table of an UPDATE or
DELETE, or any SELECT: where something may be joined."""
_Nature = tuple[str, tuple[bool, ...]] | None


def _nature(query: Query) -> _Nature:
    """The verb, and which of PARTS it has: what decides which rules are asked."""
    return query.verb, (
        bool(query.selects),
        bool(query.comparisons),
        bool(query.assignments),
        bool(query.ctes),
        bool(query.set_operations),
        bool(query.selects) or len(query.target_uses) > 1 or bool(query.joins),
    )


def _fits(rule: Rule, nature: _Nature) -> bool:
    assert nature is not None
    verb, parts = nature
    return (not rule.verbs or verb in rule.verbs) and all(parts[PARTS.index(part)] for part in rule.needs)


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
        self._by_structure: dict[tuple[str, type, _Nature], tuple[_Question, ...]] = {}
        self._plain: dict[str, tuple[_Question, ...]] = {}
        self._by_script: dict[tuple[str, type | None], tuple[_Question, ...]] = {}
        self._script_reads: dict[str, bool] = {}  # of families: rules by script ask for the structure
        self.reads_literals = any(entry.rule.reads_literals for entry in active)
        self.reads_text = any(_reads_text(entry) for entry in active)

    # ---------------------------------------------------------------- checks

    def check_text(self, subject: Subject, notes: list[Note]) -> None:
        """Append what the rules find that look at the statement alone."""
        family = subject.family
        plain = self._plain.get(family)
        if plain is None:
            plain = self._plain[family] = _questions(
                entry for entry in self._text if _meant(entry, family) and not entry.rule.structures
            )
        _ask(plain, subject, notes)
        structure = subject.structure
        if structure is None:
            return
        nature = _nature(structure) if isinstance(structure, Query) else None
        key = (family, type(structure), nature)
        entries = self._by_structure.get(key)
        if entries is None:
            entries = self._by_structure[key] = _questions(
                entry
                for entry in self._text
                if _meant(entry, family)
                and type(structure) in entry.rule.structures
                and (nature is None or _fits(entry.rule, nature))
            )
        _ask(entries, subject, notes)

    def check_script(self, subject: Subject) -> list[Note]:
        """What the rules find that look at the place in the script."""
        family = subject.family
        structured = self._script_reads.get(family)
        if structured is None:
            structured = self._script_reads[family] = any(
                entry.rule.structures for entry in self._script if _meant(entry, family)
            )
        key = (family, type(subject.structure) if structured else None)
        questions = self._by_script.get(key)
        if questions is None:
            questions = self._by_script[key] = _questions(
                entry for entry in self._script if _meant(entry, family) and _about(entry.rule, key[1])
            )
        notes: list[Note] = []
        _ask(questions, subject, notes)
        return notes

    def check_plan(self, subject: PlanSubject, objects: Sequence[ObjectRef], family: str) -> list[Note]:
        """What the rules find that look at the target's plan."""
        notes: list[Note] = []
        for entry in self._entries.values():
            check = entry.rule.check_plan
            if check is None or family not in entry.rule.families or not _may_speak(entry):
                continue
            for setting in entry.applicable(objects):
                if setting.severity is None:
                    continue
                for note in check(subject, setting.options):
                    weighed = _weighed(note, setting)
                    if weighed is not None:
                        weighed.params = {**setting.options.shown(), **(weighed.params or {})}
                        notes.append(weighed)
        return notes

    def reusable(self, subject: Subject) -> bool:
        """Whether another statement of the same shape would be judged alike."""
        if self.reads_text:
            return False
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


def _reads_text(entry: _Entry) -> bool:
    return entry.rule.reads_text or any(setting.rule.reads_text for setting in entry.settings)


def _meant(entry: _Entry, family: str) -> bool:
    return entry.rule.everywhere or family in entry.rule.families


def _level(note: Note) -> int:
    return note.severity or 0


_Question = tuple[Check | None, Setting, _Entry, int]
"""What is asked of a rule that no policy mentions: with the built-in setting, for at most so many notes (-1: all).
Without the check, the policies' settings are asked."""


def _questions(entries: Iterable[_Entry]) -> tuple[_Question, ...]:
    """Hundreds of rules are asked about every statement, and most find nothing: what there is to decide about
    them is decided once."""
    made: list[_Question] = []
    for entry in entries:
        setting = entry.default
        if entry.settings:
            made.append((None, setting, entry, -1))
        elif entry.rule.check is not None and setting.severity is not None:
            made.append((entry.rule.check, setting, entry, _most(entry.rule)))
    return tuple(made)


def _most(rule: Rule) -> int:
    return MAX_NOTES if rule.structures == (Query,) else -1  # a query may repeat itself without end


def _about(rule: Rule, structure: type | None) -> bool:
    return not rule.structures or (structure is not None and issubclass(structure, rule.structures))


def _ask(questions: Iterable[_Question], subject: Subject, notes: list[Note]) -> None:
    """Append what these rules find."""
    for check, setting, entry, most in questions:
        if check is None:
            notes.extend(_run(entry, subject))
            continue
        found = check(subject, setting.options)
        for note in found if most < 0 else islice(found, most):
            notes.extend(_kept((note,), setting))


def _run(entry: _Entry, subject: Subject) -> Iterable[Note]:
    settings = entry.applicable(subject.facts.objects)
    if len(settings) == 1:
        return _judged(settings[0], subject)
    strictest: dict[tuple[int, str], Note] = {}
    for setting in settings:
        for note in _judged(setting, subject):
            known = strictest.get((note.at, note.detail))
            if known is None or _level(note) > _level(known):
                strictest[note.at, note.detail] = note
    return strictest.values()


def _judged(setting: Setting, subject: Subject) -> Iterator[Note]:
    """What the rule finds with this setting. A rule that is off is asked all the same when it is on by
    default: some of its cases may block."""
    check = setting.rule.check
    if check is None or (setting.severity is None and not setting.rule.enabled):
        return
    yield from _kept(_found(setting, subject), setting)


def _found(setting: Setting, subject: Subject) -> Iterable[Note]:
    check = setting.rule.check
    assert check is not None
    notes = check(subject, setting.options)
    most = _most(setting.rule)
    return notes if most < 0 else islice(notes, most)


def _kept(notes: Iterable[Note], setting: Setting) -> Iterator[Note]:
    for note in notes:
        weighed = _weighed(note, setting)
        if weighed is None:
            continue
        if setting.options.values:
            weighed.params = {**setting.options.shown(), **(weighed.params or {})}
        yield weighed


def _weighed(note: Note, setting: Setting) -> Note | None:
    """What blocks by itself goes on to block: a policy can neither lower it nor switch it off. A level of a
    policy holds for all cases of the rule, the built-in one only where the case has none of its own."""
    own = setting.rule.severity if note.severity is None else note.severity
    if own is Severity.BLOCK and setting.rule.enabled:
        return replace(note, severity=own)
    if not setting.policy:
        if setting.severity is None:
            return None
        return Note(note.code, note.at, note.detail, own, note.params)
    if setting.severity is None:
        return None
    return replace(note, severity=setting.severity, params={**(note.params or {}), POLICY: setting.policy})


@cache
def default() -> RuleSet:
    """The rules without any policy."""
    return RuleSet()


OFF: Final = "off"
POLICY: Final = "policy"  # the parameter of a note that says whose level it has
