"""Opening sessions on data sources: the only place where a sealed password is opened."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core import crypto
from sluicegate.core.errors import Conflict, Unavailable
from sluicegate.datasources.models import DataSource, SessionSlot
from sluicegate.datasources.services import visible_datasource
from sluicegate.dialects import registry
from sluicegate.dialects.base import (
    Endpoint,
    Session,
    SessionLimits,
    Table,
    TableSummary,
    TlsMode,
    TlsOptions,
)


def endpoint(datasource: DataSource, database: str | None = None, schema: str = "") -> Endpoint:
    """Where to connect; ``database`` another one than the data source's own, where it has several."""
    features = registry.get(datasource.dialect).features
    return Endpoint(
        host=datasource.host,
        port=datasource.port,
        database=datasource.database if features.file_based else (database or datasource.database),
        schema=schema,
        user=datasource.user,
        password=_opened(datasource.sealed_password, f"datasource:{datasource.pk}:password"),
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
    datasource: DataSource, database: str | None, limits: SessionLimits, label: str, *, schema: str = ""
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
        endpoint(datasource, database, schema), limits, label=label
    )


@contextmanager
def short_session(
    datasource: DataSource, database: str | None, purpose: str, *, schema: str = ""
) -> Iterator[Session]:
    """A session for reading: bounded by the data source's review time-out and session limit.

    Raises:
        Unavailable: ``datasource_busy`` when all its sessions are taken.
    """
    slot = _take_slot(datasource, purpose)
    try:
        limits = SessionLimits(
            datasource.connect_seconds, datasource.review_seconds, min(datasource.lock_wait_seconds, 5.0)
        )
        session = connect(datasource, database, limits, f"sluicegate {purpose}", schema=schema)
        try:
            yield session
        finally:
            session.close()
    finally:
        slot.delete()


def _take_slot(datasource: DataSource, purpose: str) -> SessionSlot:
    with transaction.atomic():
        DataSource.objects.select_for_update().only("pk").get(pk=datasource.pk)
        now = timezone.now()
        SessionSlot.objects.filter(datasource=datasource, expires_at__lt=now).delete()
        if SessionSlot.objects.filter(datasource=datasource).count() >= datasource.max_sessions:
            raise Unavailable("datasource_busy", name=datasource.name, limit=datasource.max_sessions)
        lifetime = timedelta(minutes=10)
        return SessionSlot.objects.create(datasource=datasource, purpose=purpose, expires_at=now + lifetime)


@dataclass(frozen=True, slots=True)
class TestResult:
    """What a test connection found: the server's own version text, and how long it took."""

    version: str
    milliseconds: int


def test_datasource(*, by: User, datasource_id: int) -> TestResult:
    """Connect as an execution would, and say what answered."""
    require(by, Permission.DATASOURCE_MANAGE)
    datasource = visible_datasource(by, datasource_id)
    started = time.monotonic()
    with short_session(datasource, None, "test") as session:
        result = TestResult(session.identity.version_text, round((time.monotonic() - started) * 1000))
    with unit_of_work():
        record(by.actor, "datasource.tested", "datasource", datasource.pk, version=result.version)
    return result


def list_databases(*, by: User, datasource_id: int) -> Sequence[str]:
    datasource = visible_datasource(by, datasource_id)
    with short_session(datasource, None, "catalogue") as session:
        return session.databases()


def list_schemas(*, by: User, datasource_id: int, database: str | None) -> Sequence[str]:
    datasource = visible_datasource(by, datasource_id)
    with short_session(datasource, database, "catalogue") as session:
        return session.schemas()


def list_tables(
    *, by: User, datasource_id: int, database: str | None, schema: str | None
) -> Sequence[TableSummary]:
    datasource = visible_datasource(by, datasource_id)
    with short_session(datasource, database, "catalogue") as session:
        return session.tables(schema)


def describe_table(
    *, by: User, datasource_id: int, database: str | None, schema: str | None, table: str
) -> Table:
    datasource = visible_datasource(by, datasource_id)
    with short_session(datasource, database, "catalogue") as session:
        return session.table(table, schema)
