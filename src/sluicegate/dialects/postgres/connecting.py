"""Opening a connection with libpq, and telling apart why one couldn't be opened.

libpq says why only in words, in the server's language. The SQLSTATE of a refused login is in its trace, so
a failed attempt is made once more with the trace on.
"""

from __future__ import annotations

import os
import re
import select
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import OperationalError, pq
from psycopg.conninfo import make_conninfo

from sluicegate.dialects.base import ConnectionFailed, Endpoint, SessionLimits, TlsMode
from sluicegate.dialects.common import tls
from sluicegate.dialects.postgres.errors import CONNECTION_CODES

SSL_MODES = {
    TlsMode.DISABLE: "disable",
    TlsMode.REQUIRE: "require",
    TlsMode.VERIFY_CA: "verify-ca",
    TlsMode.VERIFY_FULL: "verify-full",
}
NO_FILE = "/nonexistent"  # an empty value would mean the default place
_SQLSTATE = re.compile(r'\tErrorResponse\t.* C "([0-9A-Z]{5})"')


def open_connection(endpoint: Endpoint, limits: SessionLimits, label: str) -> pq.abc.PGconn:
    """A connected PGconn. Raises ConnectionFailed."""
    if not endpoint.host or endpoint.host[0] in "/@" or "," in endpoint.host:
        # libpq takes these for socket directories and lists of hosts.
        raise ConnectionFailed("target_host_invalid", host=endpoint.host)
    tls.context(endpoint.tls)  # unreadable PEM texts are told before anything is sent
    with _conninfo(endpoint, label) as conninfo:
        pgconn, silent = _attempt(conninfo, limits.connect)
        if pgconn.status == pq.ConnStatus.OK:
            return pgconn
        detail = pgconn.get_error_message("utf-8").strip() or "no answer"
        pgconn.finish()
        code = "target_timeout" if silent else _diagnose(conninfo, limits.connect)
    raise ConnectionFailed(
        code, host=endpoint.host, port=endpoint.port, database=endpoint.database, detail=detail
    )


@contextmanager
def _conninfo(endpoint: Endpoint, label: str) -> Iterator[bytes]:
    """Everything named, so that nothing is taken from the environment, ~/.pgpass or a service file."""
    with tls.files(endpoint.tls) as paths:
        # With "require", libpq checks certificates as soon as it is given an authority.
        checked = endpoint.tls.mode in {TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL}
        authority = paths.get("ca") or ssl.get_default_verify_paths().cafile if checked else None
        # One host for each address: libpq then looks nothing up, and checks certificates against the host.
        several = max(1, len(endpoint.addresses))
        info = make_conninfo(
            "",
            host=",".join([endpoint.host] * several),
            hostaddr=",".join(endpoint.addresses),
            port=",".join([str(endpoint.port or 5432)] * several),
            dbname=endpoint.database or "postgres",
            user=endpoint.user,
            password=endpoint.password,
            passfile=NO_FILE,
            application_name=label[:63],
            client_encoding="UTF8",
            options="",
            sslmode=SSL_MODES[endpoint.tls.mode],
            sslrootcert=authority or NO_FILE,
            sslcert=paths.get("certificate", NO_FILE),
            sslkey=paths.get("key", NO_FILE),
            sslcrl="",
            sslcrldir="",
            gssencmode="disable",
            target_session_attrs="any",
            load_balance_hosts="disable",
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
        yield info.encode("utf-8")


def _attempt(conninfo: bytes, seconds: float, trace: int | None = None) -> tuple[pq.abc.PGconn, bool]:
    """(the connection, failed or not; whether the time ran out)."""
    pgconn = pq.PGconn.connect_start(conninfo)
    if trace is not None:
        pgconn.trace(trace)
    deadline = time.monotonic() + seconds
    wanted = pq.PollingStatus.WRITING
    while pgconn.status != pq.ConnStatus.BAD:
        poll = select.poll()
        poll.register(pgconn.socket, select.POLLIN if wanted == pq.PollingStatus.READING else select.POLLOUT)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            return pgconn, True
        wanted = pq.PollingStatus(pgconn.connect_poll())
        if wanted in {pq.PollingStatus.OK, pq.PollingStatus.FAILED}:
            break
    return pgconn, False


def _diagnose(conninfo: bytes, seconds: float) -> str:
    """The catalogue code, by how far a second attempt gets and the SQLSTATE it ends with. The trace holds
    the login's messages, so it is kept in memory, where there is such a file, and nowhere named."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("sluicegate-trace")
    else:
        with tempfile.TemporaryFile() as unnamed:
            descriptor = os.dup(unnamed.fileno())
    try:
        pgconn, silent = _attempt(conninfo, seconds, descriptor)
        needs_password = pgconn.needs_password  # and has none
        try:
            pgconn.untrace()  # flushes
        except OperationalError:
            return "target_connect_failed"
        finally:
            pgconn.finish()
        size = os.lseek(descriptor, 0, os.SEEK_END)
        lines = os.pread(descriptor, size, 0).decode("utf-8", "replace")
    finally:
        os.close(descriptor)
    if silent:
        return "target_timeout"
    if not lines.strip():
        return "target_unreachable"
    if needs_password:
        return "target_auth_failed"
    state = _SQLSTATE.search(lines)
    if state:
        return CONNECTION_CODES.get(state[1], "target_connect_failed")
    if "\tSSLRequest" in lines and "\tStartupMessage" not in lines:
        return "target_tls_failed"
    return "target_connect_failed"
