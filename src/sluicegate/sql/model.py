"""What the analysis of a script yields: values only, shared by every dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sluicegate.sql.catalogue import Catalogue
    from sluicegate.sql.impact import Impact
    from sluicegate.sql.known import KnownObjects
    from sluicegate.sql.ruleset import RuleSet


class StatementKind(StrEnum):
    QUERY = "query"
    DML = "dml"
    DDL = "ddl"
    DCL = "dcl"
    TCL = "tcl"
    SESSION = "session"
    ADMIN = "admin"
    PROCEDURAL = "procedural"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What becomes of a statement: ``flag`` runs only with its findings shown to the approver."""

    ALLOW = "allow"
    FLAG = "flag"
    DENY = "deny"


class Severity(IntEnum):
    """Level of a finding, ordered. ``BLOCK`` denies the statement; nobody can force past it."""

    INFO = 1
    WARNING = 2
    ERROR = 3
    BLOCK = 4

    @property
    def code(self) -> str:
        return self.name.lower()


class TicketKind(StrEnum):
    """What a script is filed as (工单类型)."""

    DATA_CHANGE = "data_change"
    SCHEMA_CHANGE = "schema_change"
    ACCESS_REQUEST = "access_request"


class Access(StrEnum):
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """A database object that a statement names.

    ``database`` and ``schema`` are None where the text leaves them to the session. ``type`` is one of
    table, view, index, function, procedure, trigger, sequence, schema, database, user, other.
    """

    name: str
    type: str = "table"
    access: Access = Access.READ
    schema: str | None = None
    database: str | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody answers for a finding (豁免): ``by`` is their name for people."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule noticed.

    ``message_code`` and ``params`` name the catalogue entry; ``line`` and ``column`` count from 1 in
    the whole script. A ``waiver`` takes a block away, but the finding stays to be seen.
    """

    rule: str
    code: str
    severity: Severity
    message_code: str
    line: int
    column: int
    params: dict[str, str | int] = field(default_factory=dict)
    waiver: Waiver | None = None

    @property
    def weight(self) -> Severity:
        """What it counts for in the verdict."""
        return self.severity if self.waiver is None else min(self.severity, Severity.ERROR)

    @property
    def waivable(self) -> bool:
        """Its block is a policy's; what blocks by itself nobody can waive."""
        return self.severity is Severity.BLOCK and "policy" in self.params


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: a slice of the script and what is known of it.

    ``start`` and ``end`` are character offsets into the script; ``text`` is exactly that slice.
    ``transactional`` is False where the server would commit implicitly or refuses a transaction
    (decided by dialect), so that the executor knows how the statement may be run. ``impact``: what a
    definition does to its table, None for anything else.
    """

    ordinal: int
    start: int
    end: int
    line: int
    column: int
    text: str
    kind: StatementKind
    operation: str
    objects: tuple[ObjectRef, ...] = ()
    fingerprint: str = ""
    transactional: bool = True
    findings: tuple[Finding, ...] = ()
    impact: Impact | None = None

    @property
    def verdict(self) -> Verdict:
        worst = max((finding.weight for finding in self.findings), default=None)
        if self.kind is StatementKind.UNKNOWN or worst is Severity.BLOCK:
            return Verdict.DENY
        if worst is not None and worst >= Severity.WARNING:
            return Verdict.FLAG
        return Verdict.ALLOW

    def with_findings(self, findings: tuple[Finding, ...]) -> Statement:
        return replace(self, findings=self.findings + findings)


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """What a script is judged against.

    Attributes:
        database: the target's database, None when unknown (offline review).
        schema: the target's schema, None when unknown or the dialect has none.
        ticket_kind: what it is filed as, None when unknown: rules on the kind then stay silent.
        server_version: the target's version as (major, minor, patch), None when unknown: whatever
            depends on the version is then not certain, so denied.
        known: what the target's catalogue says beyond the text (triggers, views, cascades), None when
            nobody looked.
        catalogue: the target's tables, None when nobody looked.
        rules: those that policies ask for, None for the built-in default.
        dialect: the dialect's code, for the expressions of policies; "" for any of the family.
    """

    database: str | None = None
    schema: str | None = None
    ticket_kind: TicketKind | None = None
    server_version: tuple[int, ...] | None = None
    known: KnownObjects | None = None
    catalogue: Catalogue | None = None
    rules: RuleSet | None = None
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class FullScan:
    """A table that is read from end to end. ``nested``: once more for every row of another table."""

    table: str
    rows: int | None = None
    nested: bool = False


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What a plan says beyond the number of rows. ``sorted_rows``/``temporary_rows``: the most rows that go
    through a sort or a temporary table of the server's own, 0 when none do."""

    full_scans: tuple[FullScan, ...] = ()
    sorted_rows: int = 0
    temporary_rows: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many rows a statement would change. ``rows`` None means unknown, which is not 0;
    ``reason`` is then a catalogue code that says why, ``params`` the values of its text. ``plan``: how the
    server would find them, None when it wasn't asked."""

    rows: int | None
    reason: str | None = None
    params: Mapping[str, str | int] = field(default_factory=dict)
    plan: PlanFacts | None = None


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """How to read the rows that a single-table UPDATE or DELETE is about to change.

    All parts are slices of the statement itself: ``table_text`` the table as written (with its
    qualification), ``alias_text`` its alias or "", ``tail_text`` everything from WHERE on (WHERE,
    ORDER BY, LIMIT; "" when there is none). ``assigned`` are the columns an UPDATE sets, unquoted.
    """

    operation: str  # UPDATE or DELETE
    table: ObjectRef
    table_text: str
    alias_text: str
    tail_text: str
    assigned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoImage:
    """Why a statement can't be undone from images: ``reason`` is a catalogue code."""

    reason: str
