"""Images and the statements made of them: they restore exactly what was, or say that they can't."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sluicegate.dialects.base import ImageSet, StatementFailed
from sluicegate.sql.model import NoImage
from tests.dialects import rows as material
from tests.dialects.rows import TEXT, Bench
from tests.dialects.targets import Target, plan

numbers = itertools.count()


@pytest.fixture
def bench(request: pytest.FixtureRequest, target: Target) -> Bench:
    if target.name == "sqlite":
        made = material.sqlite_bench(target.endpoint.database)
    elif target.name == "mariadb":
        made = material.mariadb_bench(request.getfixturevalue("mariadb_server"), target.endpoint.database)
    else:
        made = material.postgres_bench(request.getfixturevalue("postgres_server"), target.endpoint.database)
    target.run(*made.setup)
    return made


def apply(target: Target, operation: str, table: str, text: str, tail: str, *assigned: str) -> ImageSet:
    """What an execution does: before-images, the statement, after-images, commit."""
    with target.session() as session:
        session.begin()
        images = session.read_before(plan(operation, table, tail, *assigned), limit=100)
        assert isinstance(images, ImageSet), images
        assert session.execute(text).affected_rows in range(len(images.rows) + 1)
        if operation == "UPDATE":
            images = session.read_after(images)
        session.commit()
    return images


def roll_back(target: Target, images: ImageSet) -> list[int | None]:
    """Affected rows of each rollback statement; a refused one counts 0."""
    affected: list[int | None] = []
    with target.session() as session:
        for text in target.dialect.rollback_statements(images):
            try:
                affected.append(session.execute(text).affected_rows)
            except StatementFailed:
                affected.append(0)
    return affected


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # shrinking against servers would take minutes
)
@given(data=st.data())
def test_rollback_restores_exactly_and_touches_nothing_else(
    target: Target, bench: Bench, data: st.DataObject
) -> None:
    kinds = bench.kinds  # all of them in one table: every example tries every type
    columns = [f"c{number}" for number in range(len(kinds))]
    table, source = f"t{next(numbers)}", f"s{next(numbers)}"
    definition = ", ".join(f"{column} {kind.sql}" for column, kind in zip(columns, kinds, strict=True))
    value = st.tuples(*(st.none() | kind.values for kind in kinds))
    keys = data.draw(st.lists(TEXT.map(lambda text: f"{text}|"), min_size=3, max_size=6))
    for name in (table, source):
        target.run(
            f"CREATE TABLE {name} (id INT NOT NULL, k VARCHAR(40) NOT NULL, {definition}, PRIMARY KEY (id, k))"
        )
    types = ["int", "varchar", *(kind.sql for kind in kinds)]
    drawn: list[tuple[Any, ...]] = [(at, key, *data.draw(value)) for at, key in enumerate(keys)]
    bench.insert(table, ["id", "k", *columns], types, drawn)
    bench.insert(source, ["id", "k", *columns], types, [(at, "", *data.draw(value)) for at in (1, 2)])
    original = bench.shown(table, columns)
    tail = f"WHERE id % {data.draw(st.integers(1, 2))} = 0 -- note"

    operation = data.draw(st.sampled_from(["UPDATE", "DELETE"]))
    if operation == "UPDATE":
        assigned = data.draw(st.lists(st.sampled_from(columns), min_size=len(columns) // 2, unique=True))
        values = ", ".join(f"{name} = (SELECT {name} FROM {source} WHERE id = 1)" for name in assigned)
        images = apply(target, operation, table, f"UPDATE {table} SET {values} {tail}", tail, *assigned)
        changed = bench.shown(table, columns)
        meddled = f"UPDATE {table} SET {assigned[0]} = (SELECT {assigned[0]} FROM {source} WHERE id = 2) WHERE id = 0"
    else:
        images = apply(target, operation, table, f"DELETE FROM {table} {tail}", tail)
        changed = bench.shown(table, columns)
        names = ", ".join(["id", "k", *columns])
        meddled = (
            f"INSERT INTO {table} ({names}) SELECT 0, k, {', '.join(columns)} FROM {source} WHERE id = 2"
        )
    if data.draw(st.booleans()):
        target.run(meddled)
    now = bench.shown(table, columns)
    conflicts = {key for key in now if now[key] != changed.get(key) and key in changed}

    affected = roll_back(target, images)
    restored = bench.shown(table, columns)
    for key, row in original.items():
        assert restored[key] == (now[key] if key in conflicts else row)
    assert restored.keys() >= original.keys()
    assert affected.count(1) + affected.count(0) == len(affected)
    touched = {key for key in conflicts if changed.get(key) != original.get(key)}
    assert affected.count(0) == len(touched)


def test_update_conflict_in_case_only_is_seen(target: Target) -> None:
    target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO t VALUES (1, 'x'), (2, 'x')"
    )
    images = apply(target, "UPDATE", "t", "UPDATE t SET v = 'done'", "", "v")
    target.run("UPDATE t SET v = 'DONE' WHERE id = 1")
    assert sorted(roll_back(target, images), key=str) == [0, 1]
    assert target.run("SELECT id, v FROM t ORDER BY id") == [(1, "DONE"), (2, "x")]


def test_delete_conflict_keeps_the_new_row(target: Target) -> None:
    target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    images = apply(target, "DELETE", "t", "DELETE FROM t", "")
    target.run("INSERT INTO t VALUES (2, 9)")
    roll_back(target, images)
    assert target.run("SELECT id, v FROM t ORDER BY id") == [(1, 1), (2, 9)]
    assert set(roll_back(target, images)) == {0}  # twice does no harm


def test_statements_name_the_table_from_anywhere(server_target: Target) -> None:
    server_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)")
    images = apply(server_target, "UPDATE", "t", "UPDATE t SET v = 2", "", "v")
    with server_target.session() as session:
        session.execute("USE mysql" if server_target.name == "mariadb" else "SET search_path = ''")
        (text,) = server_target.dialect.rollback_statements(images)
        assert session.execute(text).affected_rows == 1
    assert server_target.run("SELECT v FROM t") == [(1,)]


def test_numbers_that_the_server_gives_out_come_back(target: Target) -> None:
    types = {
        "mariadb": "id INT PRIMARY KEY AUTO_INCREMENT",
        "postgres": "id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "sqlite": "id INTEGER PRIMARY KEY AUTOINCREMENT",
    }
    generated = "w INT GENERATED ALWAYS AS (v * 2) STORED"
    target.run(
        f"CREATE TABLE t ({types[target.name]}, v INT, {generated})", "INSERT INTO t (v) VALUES (7), (8)"
    )
    images = apply(target, "DELETE", "t", "DELETE FROM t", "")
    assert "w" not in images.columns
    assert roll_back(target, images) == [1, 1]
    assert target.run("SELECT id, v, w FROM t ORDER BY id") == [(1, 7, 14), (2, 8, 16)]


def test_columns_that_mariadb_updates_itself_are_restored(mariadb_target: Target) -> None:
    mariadb_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT, at TIMESTAMP(6) DEFAULT '2001-01-01' ON UPDATE CURRENT_TIMESTAMP(6))",
        "INSERT INTO t (id, v) VALUES (1, 1)",
    )
    images = apply(mariadb_target, "UPDATE", "t", "UPDATE t SET v = 2", "", "v")
    assert images.assigned == ("v", "at")
    assert mariadb_target.run("SELECT year(at) > 2001 FROM t") == [(1,)]
    assert roll_back(mariadb_target, images) == [1]
    assert mariadb_target.run("SELECT v, year(at) FROM t") == [(1, 2001)]


def test_too_many_rows(target: Target) -> None:
    target.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1), (2), (3)")
    with target.session() as session:
        session.begin()
        assert session.read_before(plan("DELETE", "t"), limit=2) == NoImage("image_too_many_rows")
        images = session.read_before(plan("DELETE", "t"), limit=3)
        assert isinstance(images, ImageSet)
        assert len(images.rows) == 3
        session.rollback()


def test_rows_stay_locked_until_the_change(server_target: Target) -> None:
    server_target.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)")
    with server_target.session() as session, server_target.session(lock_wait=1) as other:
        session.begin()
        session.read_before(plan("UPDATE", "t", "WHERE v = 1", "v"), limit=10)
        with pytest.raises(StatementFailed) as caught:
            other.execute("UPDATE t SET v = 3")
        assert caught.value.code == "statement_lock_timeout"
        session.rollback()


UNDOABLE = {
    "image_no_primary_key": ("CREATE TABLE t (id INT, v INT)",),
    "image_not_a_table": ("CREATE TABLE u (id INT PRIMARY KEY, v INT)", "CREATE VIEW t AS SELECT * FROM u"),
    "image_cascades": (
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE u (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE)",
    ),
}


@pytest.mark.parametrize("reason", UNDOABLE)
def test_what_cannot_be_undone_says_why(target: Target, reason: str) -> None:
    target.run(*UNDOABLE[reason])
    with target.session() as session:
        session.begin()
        assert session.read_before(plan("DELETE", "t"), limit=10) == NoImage(reason)
        session.rollback()


def test_an_assigned_key_cannot_be_undone(target: Target) -> None:
    target.run("CREATE TABLE t (id INT PRIMARY KEY)")
    with target.session() as session:
        session.begin()
        assert session.read_before(plan("UPDATE", "t", "", "id"), limit=10) == NoImage("image_key_assigned")
        session.rollback()


TRIGGERS = {
    "mariadb": ("CREATE TRIGGER g BEFORE DELETE ON t FOR EACH ROW SET @x = 1",),
    "postgres": (
        "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "CREATE TRIGGER g BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION g()",
    ),
    "sqlite": ("CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END",),
}


def test_triggers_cannot_be_undone(target: Target) -> None:
    target.run("CREATE TABLE t (id INT PRIMARY KEY)", *TRIGGERS[target.name])
    with target.session() as session:
        session.begin()
        assert session.read_before(plan("DELETE", "t"), limit=10) == NoImage("image_has_triggers")
        session.rollback()


@pytest.mark.parametrize(
    ("name", "sql"), [("mariadb", "POINT"), ("postgres", "money"), ("postgres", "regclass[]")]
)
def test_types_without_exact_text_cannot_be_undone(
    request: pytest.FixtureRequest, name: str, sql: str
) -> None:
    target: Target = request.getfixturevalue(f"{name}_target")
    target.run(f"CREATE TABLE t (id INT PRIMARY KEY, v {sql})")
    with target.session() as session:
        session.begin()
        assert session.read_before(plan("DELETE", "t"), limit=10) == NoImage("image_type_unsupported")
        session.rollback()


def test_postgres_parents_of_other_tables_cannot_be_undone_but_partitions_can(
    postgres_target: Target,
) -> None:
    postgres_target.run(
        "CREATE TABLE t (id INT PRIMARY KEY)",
        "CREATE TABLE u () INHERITS (t)",
        "CREATE TABLE p (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "INSERT INTO p VALUES (1, 1)",
    )
    with postgres_target.session() as session:
        session.begin()
        assert session.read_before(plan("DELETE", "t"), limit=10) == NoImage("image_inherited")
        session.rollback()
    images = apply(postgres_target, "UPDATE", "p", "UPDATE p SET v = 2", "", "v")
    assert roll_back(postgres_target, images) == [1]
    assert postgres_target.run("SELECT v FROM p") == [(1,)]


def test_a_moment_that_the_clock_shows_twice_has_no_image(mariadb_target: Target) -> None:
    mariadb_target.run("CREATE TABLE t (id INT PRIMARY KEY, at TIMESTAMP NULL)")
    with mariadb_target.session() as session:
        session.execute("SET time_zone = '+00:00'")
        session.execute("INSERT INTO t VALUES (1, '2024-01-01 00:00:00'), (2, NULL)")
        session.begin()
        images = session.read_before(plan("DELETE", "t"), limit=10)
        assert isinstance(images, ImageSet)
        assert [row.before[1] for row in images.rows] == ["'2024-01-01 00:00:00'", "NULL"]
        session.rollback()


def test_zero_in_an_auto_increment_column_has_no_image(mariadb_target: Target) -> None:
    mariadb_target.run("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT)")
    mariadb_target.run("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", "INSERT INTO t VALUES (0)")
    with mariadb_target.session() as session:
        session.begin()
        assert session.read_before(plan("DELETE", "t"), limit=10) == NoImage("image_value_inexact")
        session.rollback()


def test_sqlite_null_in_a_key_has_no_image(sqlite_target: Target) -> None:
    sqlite_target.run("CREATE TABLE t (id TEXT PRIMARY KEY)", "INSERT INTO t VALUES (NULL)")
    with sqlite_target.session() as session:
        session.begin()
        assert session.read_before(plan("DELETE", "t"), limit=10) == NoImage("image_no_primary_key")
        session.rollback()
