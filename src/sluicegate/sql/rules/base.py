"""What a rule is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from sluicegate.sql.facts import Facts, Note
from sluicegate.sql.known import KnownObjects
from sluicegate.sql.model import AnalysisContext, ObjectRef, Severity, StatementKind
from sluicegate.sql.split import Piece

NO_NAMES: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Territory:
    """How names are qualified in a dialect, and which places are the server's own.

    Attributes:
        qualifier: database or schema: what a statement can name beside the target's own.
        assumed: where unqualified names live when nobody said (public, main); None when unknown.
        readable: system places that anybody may read.
        system: all system places: never written.
        secret: tables (lower case) in them that hold secrets or other people's work: never read.
        transactional_ddl: definitions take part in transactions.
        system_prefix: how the names of system tables begin that are found without qualification.
    """

    qualifier: str
    assumed: str | None
    readable: frozenset[str]
    system: frozenset[str]
    secret: frozenset[str] = NO_NAMES
    transactional_ddl: bool = True
    system_prefix: str = ""

    def place(self, ref: ObjectRef) -> str | None:
        return ref.database if self.qualifier == "database" else ref.schema

    def target(self, context: AnalysisContext) -> str | None:
        return context.database if self.qualifier == "database" else context.schema


@dataclass(slots=True)
class ScriptState:
    """What earlier statements of the script left behind."""

    statements: int = 0
    previous_end_line: int = 0
    first_kind: StatementKind | None = None
    changed_data: bool = False
    changed_structure: bool = False
    place: str | None = None  # where unqualified names resolve, once a statement moved it
    temporary: set[str] = field(default_factory=set)
    known: KnownObjects = field(default_factory=KnownObjects)


@dataclass(frozen=True, slots=True)
class Subject:
    """One statement, as the rules see it. ``line`` is the line it starts on."""

    facts: Facts
    piece: Piece
    line: int
    context: AnalysisContext
    script: ScriptState
    territory: Territory


Check = Callable[[Subject], Iterable[Note]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for.

    Attributes:
        id: stable, for policies and reports.
        code: what findings say to machines; also the name of its message ``finding_<code>``.
        severity: unless the case says otherwise.
        check: looks at the whole subject; None when the readers note the cases.
        by_script: ``check`` looks at the place in the script too, so that a statement of a known shape
            must be checked again.
    """

    id: str
    code: str
    severity: Severity
    check: Check | None = None
    by_script: bool = False

    @property
    def message_code(self) -> str:
        return f"finding_{self.code.lower()}"
