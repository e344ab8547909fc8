"""Opening sessions on data sources: the only place where a sealed password is opened."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from sluicegate.accounts.access import access_of
from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core import crypto
from sluicegate.core.errors import Conflict, NotFound, Unavailable
from sluicegate.core.log import logger
from sluicegate.datasources import reach
from sluicegate.datasources.models import DataSource, SessionSlot
from sluicegate.datasources.services import SESSIONS_OF_A_REVIEW, place, visible_datasource
from sluicegate.dialects import registry
from sluicegate.dialects.base import (
    ConnectionFailed,
    Endpoint,
    Session,
    SessionLimits,
    StatementFailed,
    Table,
    TableSummary,
    TlsMode,
    TlsOptions,
)

_log = logger(__name__)


class Account(StrEnum):
    """Whose rights a session has: ``EXECUTING`` changes the target, ``REVIEW`` only looks."""

    EXECUTING = "executing"
    REVIEW = "review"


def endpoint(
    datasource: DataSource,
    database: str | None = None,
    schema: str = "",
    account: Account = Account.EXECUTING,
) -> Endpoint:
    """Where to connect; ``database`` another one than the data source's own, where it has several.

    Raises:
        ConnectionFailed: ``target_unreachable``: the host isn't known; ``target_address_refused``.
    """
    features = registry.get(datasource.dialect).features
    if account is Account.REVIEW:
        user, sealed, secret = datasource.review_user, datasource.sealed_review_password, "review_password"
    else:
        user, sealed, secret = datasource.user, datasource.sealed_password, "password"
    return Endpoint(
        host=datasource.host,
        port=datasource.port,
        database=datasource.database if features.file_based else (database or datasource.database),
        schema=schema,
        addresses=() if features.file_based else reach.addresses(datasource.host, datasource.port),
        user=user,
        password=_opened(sealed, f"datasource:{datasource.pk}:{secret}"),
        tls=TlsOptions(
            TlsMode(datasource.tls_mode),
            datasource.tls_ca,
            datasource.tls_certificate,
            _opened(datasource.sealed_tls_key, f"datasource:{datasource.pk}:tls_key"),
        ),
    )


def _opened(sealed: bytes | memoryview, context: str) -> str:
    return crypto.unseal(sealed, context) if sealed else ""


def connect(
    datasource: DataSource,
    database: str | None,
    limits: SessionLimits,
    label: str,
    *,
    schema: str = "",
    account: Account = Account.EXECUTING,
) -> Session:
    """A pinned session, not counted against the data source's limit: for executions, which are bounded to
    one per target already.

    Raises:
        Conflict: ``datasource_disabled``.
        ConnectionFailed: by its code.
    """
    if not datasource.enabled:
        raise Conflict("datasource_disabled", name=datasource.name)
    return registry.get(datasource.dialect).connect(
        endpoint(datasource, database, schema, account), limits, label=label
    )


@contextmanager
def short_session(
    datasource: DataSource, database: str | None, purpose: str, *, schema: str = ""
) -> Iterator[Session]:
    """A session for reading: bounded by the data source's review time-out and session limit.

    Raises:
        Unavailable: ``datasource_busy`` when all its sessions are taken.
    """
    with _slots(datasource, purpose, 1), _short(datasource, database, purpose, schema) as session:
        yield session


@contextmanager
def review_sessions(
    datasource: DataSource, database: str | None, *, schema: str = ""
) -> Iterator[tuple[Session, Session | None]]:
    """Two sessions for a review, bounded as ``short_session`` is: one for the catalogue, which sees what an
    execution would see; one for what is asked in the words of a script that nobody has approved (plans,
    counts). The second is the review account's; without one, it is the first again. None: the review account
    can't be used now, so nothing may be asked in the script's words.

    Raises:
        Unavailable: ``datasource_busy`` when the data source's sessions are taken.
        ConnectionFailed: the first can't be opened.
    """
    if not datasource.review_user:
        with short_session(datasource, database, "review", schema=schema) as session:
            yield session, session
        return
    with (
        _slots(datasource, "review", SESSIONS_OF_A_REVIEW),
        _short(datasource, database, "review", schema) as session,
        ExitStack() as stack,
    ):
        asking = None
        try:
            asking = stack.enter_context(
                _short(datasource, database, "estimates", schema, account=Account.REVIEW)
            )
            asking.read_names_as(session)
        except (ConnectionFailed, StatementFailed) as error:
            # Ticket and review go on: their estimates say why they are unknown.
            _log.warning("review_account_failed", datasource=datasource.name, code=error.code)
            asking = None
        yield session, asking


@contextmanager
def _short(
    datasource: DataSource,
    database: str | None,
    purpose: str,
    schema: str,
    account: Account = Account.EXECUTING,
) -> Iterator[Session]:
    limits = SessionLimits(
        datasource.connect_seconds, datasource.review_seconds, min(datasource.lock_wait_seconds, 5.0)
    )
    label = f"sluicegate {purpose}"
    session = connect(datasource, database, limits, label, schema=schema, account=account)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def _slots(datasource: DataSource, purpose: str, count: int) -> Iterator[None]:
    taken = _take_slots(datasource, purpose, count)
    try:
        yield
    finally:
        SessionSlot.objects.filter(pk__in=[slot.pk for slot in taken]).delete()


def _take_slots(datasource: DataSource, purpose: str, count: int) -> list[SessionSlot]:
    with transaction.atomic():
        DataSource.objects.select_for_update().only("pk").get(pk=datasource.pk)
        now = timezone.now()
        SessionSlot.objects.filter(datasource=datasource, expires_at__lt=now).delete()
        if SessionSlot.objects.filter(datasource=datasource).count() + count > datasource.max_sessions:
            raise Unavailable("datasource_busy", name=datasource.name, limit=datasource.max_sessions)
        until = now + timedelta(minutes=10)
        wanted = [SessionSlot(datasource=datasource, purpose=purpose, expires_at=until) for _ in range(count)]
        return SessionSlot.objects.bulk_create(wanted)


@dataclass(frozen=True, slots=True)
class TestResult:
    """What a test connection found: the server's own version text, how long it took, and whether the review
    account, where there is one, got in as well."""

    version: str
    milliseconds: int
    review_account: bool


def test_datasource(*, by: User, datasource_id: int) -> TestResult:
    """Connect as an execution would, and as a review would where it has an account of its own, and say what
    answered.

    Raises:
        ConnectionFailed: of the executing account by its own codes; ``review_account_refused`` with the
            ``cause`` when only the review account fails.
    """
    require(by, Permission.DATASOURCE_MANAGE)
    datasource = visible_datasource(by, datasource_id)
    started = time.monotonic()
    has_review = bool(datasource.review_user)
    with _slots(datasource, "test", 1), _short(datasource, None, "test", "") as session:
        version, milliseconds = session.identity.version_text, round((time.monotonic() - started) * 1000)
        if has_review:
            _test_review_account(datasource, session)
    result = TestResult(version, milliseconds, has_review)
    with unit_of_work():
        record(by.actor, "datasource.tested", "datasource", datasource.pk, version=result.version)
    return result


def _test_review_account(datasource: DataSource, session: Session) -> None:
    try:
        with _short(datasource, None, "test", "", account=Account.REVIEW) as asking:
            asking.read_names_as(session)
    except (ConnectionFailed, StatementFailed) as error:
        raise ConnectionFailed(
            "review_account_refused",
            user=datasource.review_user,
            cause=str(error.params.get("detail") or error.params.get("message") or error.code),
        ) from error


# ---------------------------------------------------------------- the catalogue, as far as a person may know it


def list_databases(*, by: User, datasource_id: int) -> Sequence[str]:
    datasource = visible_datasource(by, datasource_id)
    access = access_of(by)
    with short_session(datasource, None, "catalogue") as session:
        return [name for name in session.databases() if access.knows(place(datasource, name))]


def list_schemas(*, by: User, datasource_id: int, database: str | None) -> Sequence[str]:
    datasource = visible_datasource(by, datasource_id)
    access, where = access_of(by), database or datasource.database
    with short_session(datasource, database, "catalogue") as session:
        return [name for name in session.schemas() if access.knows(place(datasource, where, name))]


def list_tables(
    *, by: User, datasource_id: int, database: str | None, schema: str | None
) -> Sequence[TableSummary]:
    datasource = visible_datasource(by, datasource_id)
    access, where = access_of(by), database or datasource.database
    with short_session(datasource, database, "catalogue") as session:
        return [
            table
            for table in session.tables(schema)
            if access.knows(place(datasource, where, table.schema, table.name))
        ]


def describe_table(
    *, by: User, datasource_id: int, database: str | None, schema: str | None, table: str
) -> Table:
    """Raises NotFound ``target_table_missing``, whether there is none or the person may not know of it."""
    datasource = visible_datasource(by, datasource_id)
    access, where = access_of(by), database or datasource.database
    with short_session(datasource, database, "catalogue") as session:
        found = session.table(table, schema)
    if not access.knows(place(datasource, where, found.summary.schema, found.summary.name)):
        raise NotFound("target_table_missing", table=f"{schema}.{table}" if schema else table)
    return found
