"""What the reading of one statement yields, before any rule judges it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sluicegate.sql.model import ObjectRef, Severity, StatementKind

MAX_NOTES: Final = 10  # alike in one statement; ten say as much as a million


@dataclass(slots=True)
class Note:
    """Something a reader saw that a rule speaks about.

    Attributes:
        code: the code of the rule.
        at: character offset into the script, -1 for the statement's start.
        detail: the fragment of SQL or name that it is about.
        severity: where this case weighs more or less than the rule's own severity.
        params: further values for the rule's message.
    """

    code: str
    at: int = -1
    detail: str = ""
    severity: Severity | None = None
    params: Mapping[str, str | int] | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """Something a statement defines that makes later statements touch more than they name.

    Attributes:
        kind: trigger, rule, view or cascade.
        table: whose change (for a view: whose use) reaches further.
        operations: upper-case operations that set it off; empty for all.
        reaches: the objects reached.
    """

    kind: str
    table: ObjectRef
    reaches: tuple[ObjectRef, ...]
    operations: frozenset[str] = frozenset()


@dataclass(slots=True)
class Facts:
    """One statement as its dialect's reader understood it."""

    kind: StatementKind = StatementKind.UNKNOWN
    operation: str = "UNKNOWN"
    objects: list[ObjectRef] = field(default_factory=list)
    transactional: bool = True
    notes: list[Note] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    database: str | None = None  # what the statement makes the session's default from here on
    schema: str | None = None
    at_home: bool = False  # it changes the session's default database, without naming it
    temporary: list[str] = field(default_factory=list)  # temporary tables it creates
    _seen: set[ObjectRef] = field(default_factory=set)
    _names: set[tuple[str, str | None]] = field(default_factory=set)
    reusable: bool = True  # the same for every statement of this shape, whatever its literals
    tree: object = None  # what the dialect's reader keeps for its reader of structures

    def note(self, code: str, at: int = -1, detail: str = "", severity: Severity | None = None) -> None:
        if sum(1 for note in self.notes if note.code == code and note.severity is severity) < MAX_NOTES:
            self.notes.append(Note(code, at, detail, severity))

    def add(self, ref: ObjectRef) -> None:
        if ref not in self._seen:
            self._seen.add(ref)
            self._names.add((ref.name, ref.schema))
            self.objects.append(ref)

    def names(self, name: str, schema: str | None) -> bool:
        """Whether an object of this name was added, whatever its access."""
        return (name, schema) in self._names

    def written(self) -> Iterator[ObjectRef]:
        return (ref for ref in self.objects if ref.access == "write")

    def unknown(self, at: int = -1, detail: str = "") -> None:
        """The reader isn't certain what this is."""
        self.kind = StatementKind.UNKNOWN
        self.note("UNKNOWN", at, detail)
