"""Why a session couldn't be opened: each reason its own code, against real servers and real TLS."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluicegate.dialects.base import ConnectionFailed, Endpoint, SessionLimits, TlsMode, TlsOptions
from sluicegate.dialects.mariadb import MariaDb
from sluicegate.dialects.sqlite.dialect import Sqlite
from tests.dialects.targets import Target
from tests.servers import certificates, mariadb, process, tls_proxy
from tests.servers.certificates import Certificate
from tests.servers.mariadb import MariadbServer


def code_of(target: Target, limits: SessionLimits | None = None) -> str:
    """Why it failed; the error never shows the password."""
    with pytest.raises(ConnectionFailed) as caught:
        target.dialect.connect(target.endpoint, limits or SessionLimits(connect=5)).close()
    assert not target.endpoint.password or target.endpoint.password not in str(caught.value)
    return caught.value.code


def test_unreachable(server_target: Target) -> None:
    assert code_of(server_target.with_endpoint(port=process.free_port())) == "target_unreachable"
    assert code_of(server_target.with_endpoint(host="no-such-host.invalid")) == "target_unreachable"


def test_given_addresses_are_used_and_nothing_is_looked_up(server_target: Target) -> None:
    """127.0.0.2 answers to nobody here: the next one is tried."""
    named = server_target.with_endpoint(host="no-such-host.invalid", addresses=("127.0.0.2", "127.0.0.1"))
    with named.session() as session:
        assert session.identity.version
    nowhere = server_target.with_endpoint(addresses=("127.0.0.2",))
    assert code_of(nowhere) == "target_unreachable"


def test_wrong_password(server_target: Target) -> None:
    assert code_of(server_target.with_endpoint(password="wrong")) == "target_auth_failed"


def test_unknown_user(server_target: Target) -> None:
    assert code_of(server_target.with_endpoint(user="nobody-here")) == "target_auth_failed"


def test_missing_database(target: Target) -> None:
    assert code_of(target.with_endpoint(database="/nowhere/none.db")) == "target_database_missing"


def test_a_server_that_says_nothing(server_target: Target) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        limits = SessionLimits(connect=1)
        assert code_of(server_target.with_endpoint(port=port), limits) == "target_timeout"


def test_tls_refused_by_a_server_without_it(server_target: Target) -> None:
    for mode in (TlsMode.REQUIRE, TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
        assert code_of(server_target.with_endpoint(tls=TlsOptions(mode))) == "target_tls_failed"


def test_unreadable_certificates(server_target: Target) -> None:
    for options in (
        TlsOptions(TlsMode.VERIFY_CA, ca="not a certificate"),
        TlsOptions(TlsMode.REQUIRE, certificate="not a certificate", key="not a key"),
    ):
        assert code_of(server_target.with_endpoint(tls=options)) == "target_tls_failed"


@pytest.mark.parametrize("host", ["", "/tmp", "@abstract", "127.0.0.1,127.0.0.2"])
def test_postgres_takes_one_host_and_no_socket(postgres_target: Target, host: str) -> None:
    assert code_of(postgres_target.with_endpoint(host=host)) == "target_host_invalid"


def test_postgres_takes_nothing_from_the_environment(
    postgres_target: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    postgres_target.run("CREATE TABLE t (v INT)")
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"*:*:*:*:{postgres_target.endpoint.password}\n")
    passwords.chmod(0o600)
    service = tmp_path / "service"
    service.write_text("[other]\noptions=-c search_path=elsewhere\n")
    for name, value in {
        "PGPASSFILE": passwords,
        "PGPASSWORD": postgres_target.endpoint.password,
        "PGOPTIONS": "-c search_path=elsewhere",
        "PGSERVICEFILE": service,
        "PGSERVICE": "other",
    }.items():
        monkeypatch.setenv(name, str(value))
    assert code_of(postgres_target.with_endpoint(password="")) == "target_auth_failed"
    with postgres_target.session() as session:
        session.execute("INSERT INTO t VALUES (1)")


def test_sqlite_never_makes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new.db?mode=rwc"
    with pytest.raises(ConnectionFailed):
        Sqlite().connect(Endpoint(database=str(path)), SessionLimits())
    assert list(tmp_path.iterdir()) == []


def test_sqlite_opens_a_name_with_signs_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c %20 库.db"
    path.touch()
    session = Sqlite().connect(Endpoint(database=str(path)), SessionLimits())
    session.execute("CREATE TABLE t (v INT)")
    session.close()
    assert path.stat().st_size > 0


def test_sqlite_refuses_another_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all, this is no database but it is long enough to be looked at." * 20)
    with pytest.raises(ConnectionFailed) as caught:
        Sqlite().connect(Endpoint(database=str(path)), SessionLimits())
    assert caught.value.code == "target_file_invalid"


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def valid() -> Certificate:
    return certificates.make()


@pytest.fixture(scope="module")
def elsewhere() -> Certificate:
    """For another host."""
    return certificates.make(host="db.example.com")


@pytest.fixture(scope="module")
def expired() -> Certificate:
    return certificates.make(expired=True)


@pytest.fixture(scope="module")
def tls_mariadb(valid: Certificate) -> Iterator[MariadbServer]:
    with mariadb.running(valid) as server:
        yield server


@pytest.fixture(params=["mariadb", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _outcome(request: pytest.FixtureRequest, kind: str, served: Certificate, options: TlsOptions) -> str:
    """ "ok", with an encrypted line, or the error's code."""
    if kind == "mariadb":
        server: MariadbServer = request.getfixturevalue("tls_mariadb")
        server.use_certificate(served)
        return _connected(Target("mariadb", MariaDb(), server.endpoint("", options), None, "", None))  # type: ignore[arg-type]
    target: Target = request.getfixturevalue("postgres_target")
    with tls_proxy.before(target.endpoint.host, target.endpoint.port, served) as port:
        return _connected(target.with_endpoint(port=port, tls=options))


def _connected(target: Target) -> str:
    try:
        session = target.dialect.connect(target.endpoint, SessionLimits(connect=5))
    except ConnectionFailed as error:
        return error.code
    session.execute("SELECT 1")
    session.close()
    return "ok"


def test_required_tls_takes_any_certificate(
    request: pytest.FixtureRequest, kind: str, expired: Certificate
) -> None:
    assert _outcome(request, kind, expired, TlsOptions(TlsMode.REQUIRE)) == "ok"


def test_verified_tls(
    request: pytest.FixtureRequest, kind: str, valid: Certificate, elsewhere: Certificate
) -> None:
    full, authority = TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA
    assert _outcome(request, kind, valid, TlsOptions(full, ca=valid.certificate)) == "ok"
    assert _outcome(request, kind, valid, TlsOptions(full, ca=elsewhere.certificate)) == "target_tls_failed"
    assert _outcome(request, kind, valid, TlsOptions(full)) == "target_tls_failed"
    assert _outcome(request, kind, elsewhere, TlsOptions(authority, ca=elsewhere.certificate)) == "ok"
    assert (
        _outcome(request, kind, elsewhere, TlsOptions(full, ca=elsewhere.certificate)) == "target_tls_failed"
    )


def test_an_expired_certificate_is_refused(
    request: pytest.FixtureRequest, kind: str, expired: Certificate
) -> None:
    for mode in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
        options = TlsOptions(mode, ca=expired.certificate)
        assert _outcome(request, kind, expired, options) == "target_tls_failed"


def test_no_key_is_left_on_disk(
    request: pytest.FixtureRequest,
    kind: str,
    valid: Certificate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = TlsOptions(
        TlsMode.VERIFY_CA, ca=valid.certificate, certificate=valid.certificate, key=valid.key
    )
    request.getfixturevalue("tls_mariadb" if kind == "mariadb" else "postgres_target")  # has files of its own
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert _outcome(request, kind, valid, options) == "ok"
    assert list(tmp_path.iterdir()) == []
    assert valid.key not in repr(options)


def test_a_client_certificate_that_the_server_refuses(
    tls_mariadb: MariadbServer, valid: Certificate, elsewhere: Certificate
) -> None:
    tls_mariadb.use_certificate(valid)
    options = TlsOptions(TlsMode.REQUIRE, certificate=elsewhere.certificate, key=elsewhere.key)
    with pytest.raises(ConnectionFailed) as caught:
        MariaDb().connect(tls_mariadb.endpoint("", options), SessionLimits())
    assert caught.value.code == "target_tls_failed"


def test_mariadb_connection_is_encrypted(tls_mariadb: MariadbServer) -> None:
    endpoint = tls_mariadb.endpoint("", TlsOptions(TlsMode.REQUIRE))
    session = MariaDb().connect(endpoint, SessionLimits())
    tls_mariadb.run("ALTER USER admin REQUIRE SSL")
    try:
        MariaDb().connect(endpoint, SessionLimits()).close()
        with pytest.raises(ConnectionFailed) as caught:
            MariaDb().connect(tls_mariadb.endpoint(), SessionLimits())
        assert caught.value.code == "target_auth_failed"
    finally:
        session.execute("ALTER USER admin REQUIRE NONE")
        session.close()
