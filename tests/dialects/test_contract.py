"""What every driver promises, asked of the three real servers."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sluicegate.core.errors import Conflict, InvalidInput, NotFound
from sluicegate.core.messages import catalogue, describe
from sluicegate.dialects.base import (
    ConnectionFailed,
    Marker,
    MarkerExists,
    OutcomeUnknown,
    SessionLimits,
    StatementFailed,
    Unsupported,
)
from tests.dialects.targets import PLACE, Background, Target, wait_until
from tests.servers.mariadb import MariadbServer
from tests.servers.postgres import PostgresServer

DIGEST = hashlib.sha256(b"UPDATE t SET v = 1").hexdigest()


# ---------------------------------------------------------------- sessions


def test_identity_tells_sessions_apart_and_servers_alike(target: Target) -> None:
    with target.session() as one, target.session() as two:
        assert one.identity.session_id != two.identity.session_id
        assert one.identity.server_uuid == two.identity.server_uuid != ""
        assert len(one.identity.version) == 3
        assert one.identity.version_text


def test_mariadb_version_is_parsed_and_label_shown(
    mariadb_target: Target, mariadb_server: MariadbServer
) -> None:
    with mariadb_target.session(label="ticket 7") as session:
        assert session.identity.version[0] >= 10
        attributes = mariadb_server.run(
            "SELECT attr_value FROM performance_schema.session_connect_attrs "
            f"WHERE processlist_id = {session.identity.session_id} AND attr_name = 'program_name'"
        )
        assert attributes == (("ticket 7",),)


def test_postgres_label_is_shown(postgres_target: Target) -> None:
    with postgres_target.session(label="ticket 7") as session:
        sql = f"SELECT application_name FROM pg_stat_activity WHERE pid = {session.identity.session_id}"
        assert postgres_target.run(sql) == [("ticket 7",)]


def test_mariadb_session_is_pinned_against_the_servers_defaults(
    mariadb_target: Target, mariadb_server: MariadbServer
) -> None:
    mode = mariadb_server.run("SELECT @@GLOBAL.sql_mode")[0][0]
    mariadb_server.run("SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")
    try:
        with mariadb_target.session() as session:
            mariadb_target.run("CREATE TABLE t (v VARCHAR(9))")
            session.execute('INSERT INTO t VALUES ("it\\\'s")')
            assert session.server_sql_mode == "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"  # type: ignore[attr-defined]
            with pytest.raises(StatementFailed):
                session.execute("INSERT INTO t VALUES ('much too long for it')")
    finally:
        mariadb_server.run(f"SET GLOBAL sql_mode = '{mode}'")
    assert mariadb_target.run("SELECT v FROM t") == [("it's",)]


def test_text_arrives_as_it_is(target: Target) -> None:
    target.run("CREATE TABLE t (v VARCHAR(200))")
    value = "100 % %s :x ? {0} 水闸 🚰 -- ; /* */\r\n\t"
    with target.session() as session:
        session.execute(f"INSERT INTO t VALUES ('{value}')")
    assert target.run("SELECT v FROM t") == [(value,)]


@pytest.mark.parametrize(
    "text", ["SELECT 1; DROP TABLE t", "DELETE FROM t; DELETE FROM t", "SELECT 1;DROP TABLE t;"]
)
def test_two_statements_in_one_message_are_refused_without_effect(target: Target, text: str) -> None:
    target.run("CREATE TABLE t (v INT)", "INSERT INTO t VALUES (1)")
    with target.session() as session:
        with pytest.raises(StatementFailed):
            session.execute(text)
        assert not session.in_transaction()
    assert target.run("SELECT v FROM t") == [(1,)]


def test_nul_and_half_characters_never_reach_the_server(target: Target) -> None:
    target.run("CREATE TABLE t (id INT, v INT)", "INSERT INTO t VALUES (1, 1)")
    with target.session() as session:
        for text, code in (
            ("DELETE FROM t \0 WHERE id = 9", "statement_has_nul"),
            ("DELETE FROM t -- \ud800", "statement_not_unicode"),
        ):
            with pytest.raises(InvalidInput) as caught:
                session.execute(text)
            assert caught.value.code == code
    assert target.run("SELECT count(*) FROM t") == [(1,)]


def test_affected_rows(target: Target) -> None:
    target.run("CREATE TABLE t (id INT, v INT)")
    with target.session() as session:
        assert session.execute("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)").affected_rows == 3
        assert session.execute("UPDATE t SET v = 9 WHERE id < 3").affected_rows == 2
        assert session.execute("SELECT * FROM t").affected_rows is None
        assert session.execute("DELETE FROM t").affected_rows == 3
        assert session.execute("DELETE FROM t").affected_rows == 0
        assert not session.execute("CREATE TABLE u (id INT)").affected_rows


def test_large_results_and_statements_pass_through(target: Target) -> None:
    target.run("CREATE TABLE t (id INT, v VARCHAR(2000))")
    values = ", ".join(f"({number}, '{'x' * 1000}')" for number in range(3000))
    with target.session() as session:
        assert session.execute(f"INSERT INTO t VALUES {values}").affected_rows == 3000
        session.execute("SELECT a.v FROM t a, t b WHERE b.id < 5")
        assert session.execute("DELETE FROM t WHERE id < 10").affected_rows == 10


def test_too_big_a_statement_is_known_not_to_have_run(
    mariadb_target: Target, mariadb_server: MariadbServer
) -> None:
    limit = int(str(mariadb_server.run("SELECT @@GLOBAL.max_allowed_packet")[0][0]))
    with mariadb_target.session() as session:
        with pytest.raises(StatementFailed) as caught:
            session.execute("SELECT '" + "x" * limit + "'")
        assert caught.value.server_code == "1153"
        session.execute("SELECT 1")


@pytest.mark.parametrize(("text", "word"), [("DROP TABLE IF EXISTS nothing_here", "nothing_here")])
def test_warnings_are_collected(server_target: Target, text: str, word: str) -> None:
    with server_target.session() as session:
        warnings = session.execute(text).warnings
        assert len(warnings) == 1
        assert word in warnings[0]
        assert session.execute("SELECT 1").warnings == ()


def test_transactions(target: Target) -> None:
    target.run("CREATE TABLE t (id INT PRIMARY KEY)")
    with target.session() as session:
        assert not session.in_transaction()
        session.begin()
        assert session.in_transaction()
        session.execute("INSERT INTO t VALUES (1)")
        session.execute("SELECT * FROM t")
        assert session.in_transaction()
        session.rollback()
        assert not session.in_transaction()
        session.execute("INSERT INTO t VALUES (2)")
        session.begin()
        session.execute("INSERT INTO t VALUES (3)")
        session.commit()
        assert not session.in_transaction()
    assert target.run("SELECT id FROM t ORDER BY id") == [(2,), (3,)]


def test_a_failed_statement_names_the_servers_code_and_text(target: Target) -> None:
    target.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    codes = {"mariadb": "1062", "postgres": "23505", "sqlite": "SQLITE_CONSTRAINT_PRIMARYKEY"}
    with target.session() as session:
        session.begin()
        with pytest.raises(StatementFailed) as caught:
            session.execute("INSERT INTO t VALUES (1)")
        assert caught.value.server_code == codes[target.name]
        assert caught.value.message in describe(caught.value, "zh")
        assert session.in_transaction()
        session.rollback()
        assert not session.in_transaction()


def test_a_spoilt_transaction_cannot_be_committed(postgres_target: Target) -> None:
    with postgres_target.session() as session:
        session.begin()
        with pytest.raises(StatementFailed):
            session.execute("SELECT nonsense")
        with pytest.raises(StatementFailed):
            session.commit()
        assert not session.in_transaction()


def test_read_only_transactions_refuse_changes(target: Target) -> None:
    target.run("CREATE TABLE t (id INT)")
    with target.session() as session:
        session.begin(read_only=True)
        with pytest.raises(StatementFailed):
            session.execute("INSERT INTO t VALUES (1)")
        session.rollback()
        session.execute("INSERT INTO t VALUES (2)")
    assert target.run("SELECT id FROM t") == [(2,)]


def test_a_commit_slipped_into_the_text_is_seen(target: Target) -> None:
    with target.session() as session:
        session.begin()
        session.execute("COMMIT")
        assert not session.in_transaction()


def test_deadlock_ends_the_transaction_as_the_server_sees_it(mariadb_target: Target) -> None:
    mariadb_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 0), (2, 0)")
    with mariadb_target.session() as one, mariadb_target.session() as two:
        one.begin()
        two.begin()
        one.execute("UPDATE t SET v = 1 WHERE id = 1")
        two.execute("UPDATE t SET v = 2 WHERE id = 2")
        waiting = Background(lambda: one.execute("UPDATE t SET v = 1 WHERE id = 2"))
        sql = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
        wait_until(lambda: bool(mariadb_target.run(sql)), "one waits for two")
        failure: Exception | None = None
        try:
            two.execute("UPDATE t SET v = 2 WHERE id = 1")
        except StatementFailed as error:
            failure = error
        failures = {session: error for session, error in ((one, waiting.outcome()), (two, failure)) if error}
        assert len(failures) == 1
        session, error = failures.popitem()
        assert isinstance(error, StatementFailed)
        assert error.code == "statement_deadlock"
        assert not session.in_transaction()


# ---------------------------------------------------------------- what text can't do


def test_mariadb_local_infile_is_refused(
    mariadb_target: Target, mariadb_server: MariadbServer, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    mariadb_target.run("CREATE TABLE t (v VARCHAR(100))")
    assert mariadb_server.run("SELECT @@GLOBAL.local_infile") == ((1,),)
    with mariadb_target.session() as session, pytest.raises(StatementFailed):
        session.execute(f"LOAD DATA LOCAL INFILE '{secret}' INTO TABLE t")
    assert mariadb_target.run("SELECT count(*) FROM t") == [(0,)]


@pytest.mark.parametrize("text", ["COPY t FROM STDIN", "UPDATE t SET v = $1"])
def test_postgres_statements_that_wait_for_more_are_refused(postgres_target: Target, text: str) -> None:
    postgres_target.run("CREATE TABLE t (v INT)")
    with postgres_target.session() as session:
        with pytest.raises(StatementFailed):
            session.execute(text)
        session.execute("COPY t TO STDOUT")
        assert session.execute("INSERT INTO t VALUES (1)").affected_rows == 1


def test_sqlite_text_reaches_no_other_file(sqlite_target: Target, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite_target.session() as session:
        session.execute("CREATE TABLE t (v INT)")
        for text in (
            f"ATTACH '{other}' AS other",
            f"VACUUM INTO '{other}'",
            "SELECT load_extension('x')",
            "PRAGMA writable_schema = ON",
            "PRAGMA journal_mode = OFF",
        ):
            with pytest.raises(StatementFailed):
                session.execute(text)
        session.execute("VACUUM")
        session.execute("PRAGMA table_info('t')")
    assert not other.exists()


# ---------------------------------------------------------------- lock and life


@pytest.mark.parametrize("name", ["ticket:1", "执行:" + "x" * 300])
def test_lock_is_held_by_one_and_ends_with_its_session(target: Target, name: str) -> None:
    with target.session() as one, target.session() as two:
        assert two.lock_holder(name) is None
        assert one.acquire_lock(name)
        assert not two.acquire_lock(name)
        assert two.lock_holder(name) == one.identity.session_id
        assert two.acquire_lock(name + "!")
        assert two.session_alive(one.identity.session_id)
        one.close()
        wait_until(lambda: two.lock_holder(name) is None, "the lock is free")
        assert two.acquire_lock(name)


def test_sqlite_locks_leave_no_files_and_outlive_no_process(sqlite_target: Target) -> None:
    path = Path(sqlite_target.endpoint.database)
    script = (
        "import sys, time; from sluicegate.dialects.sqlite.dialect import Sqlite; "
        "from sluicegate.dialects.base import Endpoint, SessionLimits; "
        "session = Sqlite().connect(Endpoint(database=sys.argv[1]), SessionLimits()); "
        "assert session.acquire_lock('ticket:1'); print(session.identity.session_id, flush=True); time.sleep(60)"
    )
    with (
        sqlite_target.session() as session,
        subprocess.Popen(
            [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
        ) as other,
    ):
        assert other.stdout is not None
        session_id = other.stdout.readline().strip()
        assert not session.acquire_lock("ticket:1")
        assert session.lock_holder("ticket:1") == session_id
        assert session.session_alive(session_id)
        other.kill()
        other.wait()
        assert session.lock_holder("ticket:1") is None
        assert not session.session_alive(session_id)
        assert session.acquire_lock("ticket:1")
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_session_alive(server_target: Target) -> None:
    with server_target.session() as one, server_target.session() as two:
        assert one.session_alive(two.identity.session_id)
        two.close()
        wait_until(lambda: not one.session_alive(two.identity.session_id), "it has gone")
        one.terminate(two.identity.session_id)  # gone already: nothing to do, no error


def _slow(target: Target) -> None:
    target.run("CREATE TABLE slow (id INT PRIMARY KEY, v BIGINT)", "INSERT INTO slow VALUES (1, 0)")


def test_cancel_ends_the_statement_and_not_the_session(target: Target) -> None:
    _slow(target)
    with target.session() as session, target.session() as other:
        running = Background(lambda: session.execute(target.slow))
        wait_until(lambda: target.running(session.identity.session_id), "the statement runs")

        def cancelled() -> bool:  # in SQLite it may not have begun yet
            other.cancel(session.identity.session_id)
            running.join(0.05)
            return not running.is_alive()

        wait_until(cancelled, "it ended")
        error = running.outcome()
        assert isinstance(error, StatementFailed)
        assert error.code == "statement_cancelled"
        session.execute("UPDATE slow SET v = 5")
    assert target.run("SELECT v FROM slow") == [(5,)]


def test_a_connection_that_breaks_under_a_statement_leaves_it_unknown(server_target: Target) -> None:
    _slow(server_target)
    with server_target.session() as session, server_target.session() as other:
        session.begin()
        running = Background(lambda: session.execute(server_target.slow))
        wait_until(lambda: server_target.running(session.identity.session_id), "the statement runs")
        other.terminate(session.identity.session_id)
        assert isinstance(running.outcome(), OutcomeUnknown)
        with pytest.raises(OutcomeUnknown):
            session.execute("SELECT 1")
        with pytest.raises(OutcomeUnknown):
            session.commit()
        assert not session.in_transaction()
        wait_until(lambda: not other.session_alive(session.identity.session_id), "the session has gone")
    assert server_target.run("SELECT v FROM slow") == [(0,)]


def test_sqlite_terminates_only_sessions_of_its_process(sqlite_target: Target) -> None:
    with sqlite_target.session() as session, sqlite_target.session() as other:
        other.terminate(session.identity.session_id)
        with pytest.raises(OutcomeUnknown):
            session.execute("SELECT 1")
        with pytest.raises(Unsupported):
            other.cancel("sluicegate-1-0")


def test_statement_timeout(target: Target) -> None:
    _slow(target)
    with target.session(statement=0.2) as session:
        session.begin()
        with pytest.raises(StatementFailed) as caught:
            session.execute(target.slow)
        assert caught.value.code == "statement_timeout"
        session.rollback()
        session.execute("UPDATE slow SET v = 7")
    assert target.run("SELECT v FROM slow") == [(7,)]


def test_lock_timeout(target: Target) -> None:
    _slow(target)
    with target.session() as holder, target.session(lock_wait=1) as session:
        holder.begin()
        holder.execute("UPDATE slow SET v = 1")
        with pytest.raises(StatementFailed) as caught:
            session.execute("UPDATE slow SET v = 2")
        assert caught.value.code == "statement_lock_timeout"
        holder.rollback()


# ---------------------------------------------------------------- markers


def test_a_marker_is_unique_and_lives_with_its_transaction(target: Target) -> None:
    marker = Marker("rev:1/target:2", 3, DIGEST, 4)
    target.run("CREATE TABLE t (v INT)", "INSERT INTO t VALUES (0)")
    with target.session() as session:
        session.prepare_markers(PLACE)
        session.prepare_markers(PLACE)
        session.begin()
        session.insert_marker(PLACE, marker)
        session.rollback()
        assert session.read_markers(PLACE, marker.key) == []
        session.begin()
        session.insert_marker(PLACE, marker)
        affected = session.execute("UPDATE t SET v = v + 1").affected_rows
        session.finish_marker(PLACE, replace(marker, affected_rows=affected))
        session.commit()
    with target.session() as session:
        session.prepare_markers(PLACE)
        (held,) = session.read_markers(PLACE, marker.key)
        assert session.read_markers(PLACE, marker.key, since=3) == [held]
        assert session.read_markers(PLACE, marker.key, since=4) == []
        assert held == replace(marker, affected_rows=1, applied_at=held.applied_at)
        assert held.applied_at is not None
        assert abs(held.applied_at - datetime.now(UTC)) < timedelta(minutes=5)
        session.begin()
        with pytest.raises(MarkerExists) as caught:
            session.insert_marker(PLACE, replace(marker, attempt=5))
        assert caught.value.marker == held
        session.insert_marker(PLACE, replace(marker, ordinal=4))
        session.insert_marker(PLACE, replace(marker, key=marker.key + "X"))
        session.rollback()


def test_a_second_attempt_waits_for_the_first_and_sees_its_marker(server_target: Target) -> None:
    marker = Marker("rev:1/target:2", 1, DIGEST, 1)
    with server_target.session() as one, server_target.session() as two:
        one.prepare_markers(PLACE)
        one.begin()
        one.insert_marker(PLACE, marker)
        two.begin()
        second = Background(lambda: two.insert_marker(PLACE, replace(marker, attempt=2)))
        second.join(0.2)
        assert second.is_alive()
        one.commit()
        error = second.outcome()
        assert isinstance(error, MarkerExists)
        assert error.marker.attempt == 1


def test_marker_place_is_a_plain_name(target: Target) -> None:
    with target.session() as session, pytest.raises(InvalidInput) as caught:
        session.prepare_markers('x" (y')
    assert caught.value.code == "marker_place_invalid"


def test_mariadb_missing_rights_for_markers_are_named(
    mariadb_target: Target, mariadb_server: MariadbServer
) -> None:
    database = mariadb_target.endpoint.database
    user, password = mariadb_server.create_user(f"ALL ON `{database}`.*")
    with mariadb_target.with_endpoint(user=user, password=password).session() as session:
        with pytest.raises(Conflict) as caught:
            session.prepare_markers(PLACE)
        assert caught.value.code == "marker_unavailable"
        mariadb_server.run(str(caught.value.params["grant"]).removesuffix(";"))
    with mariadb_target.with_endpoint(user=user, password=password).session() as session:
        session.prepare_markers(PLACE)


def test_postgres_missing_rights_for_markers_are_named(
    postgres_target: Target, postgres_server: PostgresServer
) -> None:
    user, password = postgres_server.create_user()
    target = postgres_target.with_endpoint(user=user, password=password)
    for _ in range(3):  # each grant reveals what lacks next, at most: schema, table
        with target.session() as session:
            try:
                session.prepare_markers(PLACE)
                break
            except Conflict as error:
                assert error.code == "marker_unavailable"
                postgres_target.run(*[part for part in str(error.params["grant"]).split(";") if part.strip()])
    else:
        raise AssertionError("the grants don't suffice")


def test_markers_of_another_engine_are_refused(mariadb_target: Target) -> None:
    with mariadb_target.session() as session:
        session.prepare_markers(PLACE)
        mariadb_target.run(f"ALTER TABLE {PLACE}.sluicegate_marker ENGINE=Aria")
        with pytest.raises(Conflict) as caught:
            session.prepare_markers(PLACE)
        assert caught.value.code == "marker_not_transactional"
        mariadb_target.run(str(caught.value.params["change"]).removesuffix(";"))
        session.prepare_markers(PLACE)


# ---------------------------------------------------------------- catalogue


def test_catalogue(target: Target) -> None:
    target.run(
        "CREATE TABLE users (id INT NOT NULL, region CHAR(2) NOT NULL, name VARCHAR(50) DEFAULT 'x', "
        "PRIMARY KEY (region, id))",
        "CREATE UNIQUE INDEX by_name ON users (name)",
        "CREATE VIEW named AS SELECT name FROM users",
    )
    with target.session() as session:
        listed = session.tables()
        assert [(table.name, table.type) for table in listed] == [("named", "view"), ("users", "table")]
        table = session.table("users")
        assert [column.name for column in table.columns] == ["id", "region", "name"]
        assert [column.nullable for column in table.columns] == [False, False, True]
        assert "x" in str(table.columns[2].default)
        assert table.primary_key == ("region", "id")
        assert [(index.columns, index.unique) for index in table.indexes if not index.primary] == [
            (("name",), True)
        ]
        with pytest.raises(NotFound) as caught:
            session.table("nobody")
        assert caught.value.code == "target_table_missing"
        assert session.databases()
        if target.dialect.features.has_schemas:
            assert "public" in session.schemas()
            assert session.tables("public") == listed
        else:
            with pytest.raises(Unsupported):
                session.schemas()


def test_comments_sizes_and_generated_columns(server_target: Target) -> None:
    if server_target.name == "mariadb":
        server_target.run(
            "CREATE TABLE t (id INT PRIMARY KEY COMMENT '编号', twice INT AS (id * 2) STORED) COMMENT '测试表'",
            "INSERT INTO t (id) VALUES (1), (2), (3)",
            "ANALYZE TABLE t",
        )
    else:
        server_target.run(
            "CREATE TABLE t (id INT PRIMARY KEY, twice INT GENERATED ALWAYS AS (id * 2) STORED)",
            "COMMENT ON TABLE t IS '测试表'",
            "COMMENT ON COLUMN t.id IS '编号'",
            "INSERT INTO t (id) VALUES (1), (2), (3)",
            "ANALYZE t",
        )
    with server_target.session() as session:
        table = session.table("t")
        assert table.summary.comment == "测试表"
        assert table.summary.rows == 3
        assert (table.summary.size_bytes or 0) > 0
        assert [(column.comment, column.generated) for column in table.columns] == [
            ("编号", False),
            ("", True),
        ]


# ---------------------------------------------------------------- texts


def test_every_code_of_the_drivers_has_a_sentence() -> None:
    import re

    from sluicegate.dialects import base

    root = Path(base.__file__).parent
    pattern = re.compile(r'"((?:target|statement|estimate|image|marker|outcome)_[a-z_]+)"')
    fields = {"statement_timeout"}  # also PostgreSQL's setting of that name
    for package in ("common", "mysql", "postgres", "sqlite"):
        for path in (root / package).glob("*.py"):
            if path.stem in {"analysis", "dialect", "variant"}:
                continue
            codes = set(pattern.findall(path.read_text()))
            missing = codes - set(catalogue()) - fields - {"marker_key"}
            assert not missing, f"{path.name}: {missing}"


def test_errors_never_show_the_password(server_target: Target) -> None:
    target = server_target.with_endpoint(password="hunter2-secret")
    with pytest.raises(ConnectionFailed) as caught:
        target.dialect.connect(target.endpoint, SessionLimits())
    assert "hunter2" not in str(caught.value) + describe(caught.value, "en") + repr(target.endpoint)
