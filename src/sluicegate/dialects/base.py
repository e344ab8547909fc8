"""The contract that every dialect fulfils, against a real server where one can be had.

A dialect is two halves: the analysis of text (no server) and the driver (sessions on a server).
Callers ask ``features``, never the dialect's name. What a dialect can't do raises ``Unsupported``;
an empty result always means "there is nothing".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from sluicegate.core.errors import InvalidInput, SluicegateError, Unavailable
from sluicegate.sql.catalogue import CatalogueCopy
from sluicegate.sql.facts import Definition
from sluicegate.sql.model import (
    AnalysisContext,
    Estimate,
    ImagePlan,
    NoImage,
    ObjectRef,
    Statement,
)

if TYPE_CHECKING:
    from sluicegate.dialects.common.target_schema import TargetSchema

# ---------------------------------------------------------------- errors


class Unsupported(InvalidInput):
    """This dialect has no such capability; its features say so beforehand."""


class ConnectionFailed(Unavailable):
    """No session could be opened. ``code`` tells apart: target_unreachable, target_auth_failed,
    target_database_missing, target_tls_failed, target_timeout, target_connect_failed (the rest). Trying again
    helps with the first and the fifth."""

    @property
    def retryable(self) -> bool:  # type: ignore[override]
        return self.code in ("target_unreachable", "target_timeout")


class StatementFailed(SluicegateError):
    """The server refused or rolled back the statement: known not to have been applied.

    Args:
        server_code: the server's own code (MySQL errno, SQLSTATE, SQLite extended code).
        message: the server's text, shown to people who may see the ticket.
    """

    status = 422

    def __init__(self, code: str, *, server_code: str, message: str) -> None:
        super().__init__(code, server_code=server_code, message=message)
        self.server_code = server_code
        self.message = message


class OutcomeUnknown(SluicegateError):
    """The connection broke after the text may have reached the server: applied or not isn't known."""

    status = 503


# ---------------------------------------------------------------- values


class TlsMode(StrEnum):
    DISABLE = "disable"
    REQUIRE = "require"  # encrypted, certificate not checked
    VERIFY_CA = "verify_ca"
    VERIFY_FULL = "verify_full"


@dataclass(frozen=True, slots=True)
class TlsOptions:
    """``ca``/``certificate``/``key`` are PEM texts, not paths: nothing a user types names a file."""

    mode: TlsMode = TlsMode.DISABLE
    ca: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and as whom to connect. For file-based dialects ``database`` is the file's path and
    host, port, user, password stay empty. ``schema``: names without one mean this one ("" as the server
    has it); only where ``features.has_schemas``. ``addresses``: IP addresses that ``host`` was found at and that
    may be connected to, tried in this order; without them the driver looks the host up itself."""

    host: str = ""
    port: int = 0
    database: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    tls: TlsOptions = TlsOptions()
    schema: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Seconds. 0 means the server's own default, except ``connect``."""

    connect: float = 10.0
    statement: float = 0.0
    lock_wait: float = 30.0


@dataclass(frozen=True, slots=True)
class ServerSession:
    """Identity of an open session: ``session_id`` is the server's thread id or backend pid,
    ``server_uuid`` tells this server from another one behind the same address."""

    session_id: str
    server_uuid: str
    version: tuple[int, ...]
    version_text: str


@dataclass(frozen=True, slots=True)
class StatementResult:
    """``affected_rows`` None where the server reports none (most DDL)."""

    affected_rows: int | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    nullable: bool
    default: str | None
    comment: str
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    name: str
    columns: tuple[str, ...]
    unique: bool
    primary: bool


@dataclass(frozen=True, slots=True)
class TableSummary:
    """``rows`` is the server's own estimate or None; ``size_bytes`` data and indexes together."""

    schema: str | None
    name: str
    type: str  # table or view
    rows: int | None
    size_bytes: int | None
    comment: str


@dataclass(frozen=True, slots=True)
class Table:
    summary: TableSummary
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]

    @property
    def primary_key(self) -> tuple[str, ...]:
        return next((index.columns for index in self.indexes if index.primary), ())


@dataclass(frozen=True, slots=True)
class Marker:
    """Proof inside the target that one statement of one execution was applied.

    ``key`` names ticket revision and target (one run for ever), ``ordinal`` the statement,
    ``digest`` the SHA-256 of its bytes, ``attempt`` the fencing number of the execution.
    """

    key: str
    ordinal: int
    digest: str
    attempt: int
    affected_rows: int | None = None
    applied_at: datetime | None = None


Value = object  # a column's value as the driver gives it; only the dialect that read it looks inside


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One row before (and after, for UPDATE) the change. Values are SQL literals of the dialect,
    exact and safe to put into a statement; ``key`` are those of the primary key."""

    key: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ImageSet:
    """The rows one statement changed. ``columns`` names (unquoted) the positions of ImageRow values;
    ``table_text`` is the table, quoted and qualified so that it can be named from anywhere."""

    operation: str
    table_text: str
    key_columns: tuple[str, ...]
    columns: tuple[str, ...]
    assigned: tuple[str, ...]
    rows: tuple[ImageRow, ...]


@dataclass(frozen=True, slots=True)
class DialectFeatures:
    """What this dialect can do; callers decide by these."""

    has_databases: bool  # one endpoint holds several databases that a statement can name
    has_schemas: bool
    file_based: bool
    default_port: int | None
    transactional_dml: bool
    transactional_ddl: bool
    explains_dml: bool
    marker_place_kind: str  # "database", "schema" or "table": where the marker table can live
    tested_against: str  # the real server the contract suite ran on, "" where none can be had
    counts_dml: bool = False  # its plans know no rows, so that an estimate is a count, within a second
    connects: bool = True  # there is a driver; without one, scripts can be analysed and nothing else


# ---------------------------------------------------------------- sessions


class Session(ABC):
    """One pinned session on a target: nothing of it is reused after ``close``.

    Text from users goes only through ``execute`` (exactly one statement per protocol message, byte
    for byte, no parameters). SQL of our own goes through the typed methods.
    """

    identity: ServerSession

    # -- running what was approved
    @abstractmethod
    def begin(self, *, read_only: bool = False) -> None: ...
    @abstractmethod
    def commit(self) -> None:
        """Raises OutcomeUnknown when the answer is lost."""

    @abstractmethod
    def rollback(self) -> None: ...
    @abstractmethod
    def in_transaction(self) -> bool:
        """As the server sees it after the last message."""

    @abstractmethod
    def execute(self, statement: str) -> StatementResult:
        """Send the text as one message.

        Raises:
            StatementFailed: the server said no; the statement had no effect.
            OutcomeUnknown: the connection broke while it ran.
        """

    @abstractmethod
    def close(self) -> None: ...

    # -- lock and life of sessions
    @abstractmethod
    def acquire_lock(self, name: str) -> bool:
        """Take the named lock for this session, at once or not at all. It ends with the session."""

    @abstractmethod
    def lock_holder(self, name: str) -> str | None:
        """session_id of whoever holds it, or None."""

    @abstractmethod
    def session_alive(self, session_id: str) -> bool: ...
    @abstractmethod
    def cancel(self, session_id: str) -> None:
        """End the statement that session runs now (KILL QUERY, pg_cancel_backend)."""

    @abstractmethod
    def terminate(self, session_id: str) -> None:
        """End that session (KILL, pg_terminate_backend)."""

    # -- markers
    @abstractmethod
    def prepare_markers(self, place: str) -> None:
        """Create the marker table at ``place`` (a database, a schema or a table prefix, by
        ``features.marker_place_kind``) if it isn't there. Raises SluicegateError
        ``marker_unavailable`` naming the rights that lack."""

    @abstractmethod
    def insert_marker(self, place: str, marker: Marker) -> None:
        """In the current transaction. Raises MarkerExists when this statement has one."""

    @abstractmethod
    def finish_marker(self, place: str, marker: Marker) -> None:
        """Write ``affected_rows`` of the marker inserted in this transaction."""

    @abstractmethod
    def read_markers(self, place: str, key: str, *, since: int = 0) -> Sequence[Marker]:
        """The markers of a run from this ordinal on, in order."""

    # -- estimates
    @abstractmethod
    def estimate(self, statement: Statement) -> Estimate:
        """EXPLAIN the statement. The caller has opened a read-only transaction and rolls it back;
        the dialect refuses (rows None, with reason) whatever could execute something."""

    def count(
        self,
        statement: Statement,  # noqa: ARG002
        plan: ImagePlan | None,  # noqa: ARG002
        *,
        seconds: float,  # noqa: ARG002
    ) -> Estimate:
        """COUNT(*) of the rows that ``plan`` finds, within that many seconds, in a read-only transaction of the
        caller's; plan None: of several tables or of a query, whose rows the dialect finds by itself. With the
        reason ``estimate_at_most`` the number is a bound. Rows None with the reason: ``estimate_count_timeout``,
        or ``estimate_not_counted`` where running the condition could do or see something else than the statement
        would, or no query has the number."""
        return Estimate(None, "estimate_not_counted")

    def read_names_as(self, other: Session) -> None:  # noqa: B027
        """Have names without a schema mean what they mean in the other session, of another account.

        Raises:
            StatementFailed: this account may not use a schema that the other one looks in.
        """

    def non_transactional(self, objects: Sequence[ObjectRef]) -> tuple[str, ...]:  # noqa: ARG002
        """Which of these tables the server can't roll back a change of. None, where all are alike."""
        return ()

    # -- images
    @abstractmethod
    def read_before(self, plan: ImagePlan, *, limit: int) -> ImageSet | NoImage:
        """Lock and read the rows that the statement will change, in the current transaction.
        NoImage when the table has no primary key, more than ``limit`` rows match, the key is
        assigned, or a column's value has no exact literal."""

    @abstractmethod
    def read_after(self, images: ImageSet) -> ImageSet | NoImage:
        """The same rows, by key, with ``after`` filled (UPDATE only); NoImage when a new value has no exact
        literal."""

    # -- catalogue
    @abstractmethod
    def databases(self) -> Sequence[str]: ...
    @abstractmethod
    def schemas(self) -> Sequence[str]:
        """Raises Unsupported where ``features.has_schemas`` is False."""

    @abstractmethod
    def tables(self, schema: str | None = None) -> Sequence[TableSummary]: ...
    @abstractmethod
    def table(self, name: str, schema: str | None = None) -> Table:
        """Raises NotFound ``target_table_missing``."""

    def target_schema(self) -> TargetSchema | None:
        """Tables and what reaches further, asked by name while a script is reviewed. None where the dialect
        can't look. Changes nothing; valid as long as the session is open."""
        return None


class MarkerExists(SluicegateError):
    """The statement was applied before; ``marker`` is what the target holds."""

    def __init__(self, marker: Marker) -> None:
        super().__init__("marker_exists", key=marker.key, ordinal=marker.ordinal)
        self.marker = marker


# ---------------------------------------------------------------- dialects


class Dialect(ABC):
    """One database type (数据库类型): its analysis and its driver."""

    code: ClassVar[str]  # stable, what the API and CLI call it
    label: ClassVar[str]  # what people and the DingTalk form see, e.g. "MariaDB"
    features: ClassVar[DialectFeatures]
    family: ClassVar[str] = ""  # the dialects that share rules, as rules name them; "": none of plans

    # -- text
    @abstractmethod
    def analyse(self, script: str, context: AnalysisContext) -> Iterator[Statement]:
        """Split and classify; every statement with kind, operation, objects, fingerprint and the
        findings of all rules. Nothing is executed. Never raises on any text: what isn't understood
        is a statement of kind unknown."""

    def analyse_stream(self, chunks: Iterable[str], context: AnalysisContext) -> Iterator[Statement]:
        """``analyse`` of the chunks put together, which may be cut anywhere and are read as they are needed.
        Dialects that don't say otherwise put them together indeed; the others hold no more than the statement
        that isn't finished yet and some text behind it."""
        return self.analyse("".join(chunks), context)

    def definitions(self, script: str) -> Iterator[Definition]:  # noqa: ARG002
        """What a script of definitions says about statements that reach further than their text: its views,
        triggers, rules and cascades."""
        raise Unsupported("dialect_without_schema", dialect=self.label)

    def catalogue(self, script: str, home: str | None = None) -> CatalogueCopy:  # noqa: ARG002
        """The tables that a script of definitions makes (a dump of the schema), as a catalogue that later
        scripts can be judged against. ``home``: the target's own database or schema."""
        raise Unsupported("dialect_without_schema", dialect=self.label)

    @abstractmethod
    def image_plan(self, statement: Statement) -> ImagePlan | NoImage:
        """How the statement's before-images can be read, or why not."""

    def count_plan(self, statement: Statement) -> ImagePlan | NoImage:
        """How the statement's rows can be counted, or why not. Unlike images, these may be limited."""
        return self.image_plan(statement)

    @abstractmethod
    def rollback_statements(self, images: ImageSet) -> Iterable[str]:
        """Statements that restore ``images``, each touching exactly one row and only if it still
        holds what we wrote; 0 affected rows is a conflict. Without terminators."""

    # -- server
    @abstractmethod
    def connect(self, endpoint: Endpoint, limits: SessionLimits, *, label: str = "sluicegate") -> Session:
        """Open a pinned session (one statement per message, LOCAL INFILE off, time-outs set, time
        zone, encoding and SQL mode pinned and read back). Raises ConnectionFailed."""
