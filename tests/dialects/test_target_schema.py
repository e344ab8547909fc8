"""What a real server's catalogue says of its tables, views, triggers and cascades; and its bounds."""

from __future__ import annotations

import pytest

from sluicegate.dialects.base import Session, StatementFailed
from sluicegate.dialects.common.target_schema import MAX_FAILURES, MAX_NAMES, SchemaSource, TargetSchema
from sluicegate.sql.catalogue import ABSENT, Lookup
from sluicegate.sql.facts import Definition
from sluicegate.sql.known import reached
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.structure.definitions import IndexKind, Table
from tests.dialects.targets import Target

TABLES = (
    "CREATE TABLE parents (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL, code CHAR(2))",
    (
        "CREATE TABLE children (id INT PRIMARY KEY, parent INT, "
        "CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE)"
    ),
    "CREATE UNIQUE INDEX by_code ON parents (code)",
    "CREATE TABLE log (note VARCHAR(40))",
    "CREATE VIEW named AS SELECT id, name FROM parents WHERE code IS NOT NULL",
)
TRIGGERS = {
    "mariadb": (
        "CREATE TRIGGER noted AFTER UPDATE ON parents FOR EACH ROW INSERT INTO log VALUES (NEW.name)",
    ),
    "postgres": (
        (
            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO log VALUES (NEW.name); RETURN NEW; END $$"
        ),
        "CREATE TRIGGER noted AFTER UPDATE ON parents FOR EACH ROW EXECUTE FUNCTION note()",
    ),
    "sqlite": ("CREATE TRIGGER noted AFTER UPDATE ON parents BEGIN INSERT INTO log VALUES (NEW.name); END",),
}


@pytest.fixture
def made(target: Target) -> Target:
    target.run(*TABLES, *TRIGGERS[target.name])
    return target


def schema_of(session: Session) -> TargetSchema:
    found = session.target_schema()
    assert found is not None
    return found


def ask(target: Target, name: str) -> Lookup:
    with target.session() as session:
        return schema_of(session).table(ObjectRef(name))


def table(target: Target, name: str) -> Table:
    found = ask(target, name)
    assert isinstance(found, Table)
    return found


def test_a_table(made: Target) -> None:
    parents = table(made, "parents")
    assert [column.name for column in parents.columns] == ["id", "name", "code"]
    name, code = parents.columns[1:]
    assert (str(name.type), name.nullable) == ("VARCHAR(40)", False)
    assert code.nullable is not False
    assert parents.primary_key is not None
    assert parents.primary_key.columns == ("id",)
    unique = [index for index in parents.indexes if index.kind is IndexKind.UNIQUE]
    assert [(index.name, index.columns) for index in unique] == [("by_code", ("code",))]


def test_a_foreign_key(made: Target) -> None:
    (key,) = table(made, "children").foreign_keys
    assert (key.name, key.columns, key.references.name, key.on_delete) == (
        "of_parent",
        ("parent",),
        "parents",
        "CASCADE",
    )


def test_a_view(made: Target) -> None:
    view = table(made, "named")
    assert view.view
    assert [column.name for column in view.columns] == ["id", "name"]


def test_what_is_not_there(made: Target) -> None:
    assert ask(made, "nothing") is ABSENT


@pytest.mark.parametrize(
    ("name", "operation", "expected"),
    [
        ("parents", "UPDATE", {"trigger"}),
        ("parents", "DELETE", {"cascade"}),
        ("parents", "INSERT", set()),
        ("named", "UPDATE", {"view", "trigger"}),
        ("children", "DELETE", set()),
    ],
)
def test_what_reaches_further(made: Target, name: str, operation: str, expected: set[str]) -> None:
    with made.session() as session:
        assert {kind for kind, _ in reached(ObjectRef(name), operation, schema_of(session))} == expected


def test_the_index_of_a_table(made: Target) -> None:
    with made.session() as session:
        owner = schema_of(session).table_of_index(ObjectRef("by_code", "index"))
    expected = None if made.name == "mariadb" else "parents"  # there the statement names the table
    assert (owner.name if owner is not None else None) == expected


def test_looking_changes_nothing_and_leaves_the_session_as_it_was(made: Target) -> None:
    with made.session() as session:
        schema = schema_of(session)
        schema.table(ObjectRef("parents"))
        list(schema.of(ObjectRef("parents")))
        assert not session.in_transaction()
    assert made.run("SELECT count(*) FROM parents") == [(0,)]


class Counting(SchemaSource):
    """A catalogue that counts what it is asked, or fails."""

    def __init__(self, *, fails: bool = False) -> None:
        self.asked = 0
        self._fails = fails

    def table(self, ref: ObjectRef) -> Lookup:
        self.asked += 1
        if self._fails:
            raise StatementFailed("statement_failed", server_code="1205", message="locked")
        return Table(ref)

    def table_of_index(self, ref: ObjectRef) -> ObjectRef | None:
        return ref

    def reaching(self, ref: ObjectRef) -> tuple[Definition, ...]:
        return (Definition("trigger", ref, ()),)


def test_a_name_is_looked_up_once() -> None:
    source = Counting()
    schema = TargetSchema(source)
    for _ in range(3):
        assert isinstance(schema.table(ObjectRef("t")), Table)
    assert source.asked == 1


def test_names_beyond_the_bound_are_unknown() -> None:
    source = Counting()
    schema = TargetSchema(source)
    answers = [schema.table(ObjectRef(f"t{number}")) for number in range(10_000)]
    assert source.asked == 2 * MAX_NAMES
    assert answers[-1] is None


def test_a_catalogue_that_fails_is_left_alone() -> None:
    source = Counting(fails=True)
    schema = TargetSchema(source)
    assert [schema.table(ObjectRef(f"t{number}")) for number in range(10)] == [None] * 10
    assert source.asked == MAX_FAILURES
