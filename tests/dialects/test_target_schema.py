"""What a real server's catalogue says of its tables, views, triggers and cascades; and its bounds."""

from __future__ import annotations

import pytest

from sluicegate.dialects.base import Session, StatementFailed
from sluicegate.dialects.common.target_schema import (
    BULK_FROM,
    MAX_FAILURES,
    MAX_NAMES,
    SchemaSource,
    TargetSchema,
)
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


class Bulk(Counting):
    """One that can be read at once, or fails to."""

    def __init__(self, *, loads: bool) -> None:
        super().__init__()
        self.loaded: list[ObjectRef] = []
        self._loads = loads

    def load(self, ref: ObjectRef) -> SchemaSource | None:
        self.loaded.append(ref)
        if not self._loads:
            raise StatementFailed("statement_failed", server_code="1205", message="locked")
        return Counting()


def test_many_names_of_a_schema_are_read_at_once() -> None:
    source = Bulk(loads=True)
    schema = TargetSchema(source)
    answers = [schema.table(ObjectRef(f"t{number}", schema="s")) for number in range(10_000)]
    assert (source.asked, len(source.loaded)) == (BULK_FROM, 1)
    assert all(isinstance(answer, Table) for answer in answers)
    schema.table(ObjectRef("t", schema="other"))
    assert source.asked == BULK_FROM + 1


def test_what_cannot_be_read_at_once_is_asked_one_by_one() -> None:
    source = Bulk(loads=False)
    schema = TargetSchema(source)
    for number in range(100):
        schema.table(ObjectRef(f"t{number}"))
    assert (source.asked, len(source.loaded)) == (100, 1)


VARIED = {
    "mariadb": (
        "CREATE TABLE `od d` (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(9) DEFAULT 'x''y' COMMENT 'c')",
        "CREATE TABLE `Mixed` (id INT, g INT AS (id + 1) VIRTUAL, KEY (id)) PARTITION BY HASH (id) PARTITIONS 3",
    ),
    "postgres": (
        "CREATE SCHEMA elsewhere",
        "CREATE TABLE elsewhere.parents (other int)",
        'CREATE TABLE "od d" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a varchar(9) DEFAULT $$x\'y$$)',
        'CREATE TABLE "Mixed" (id int NOT NULL, g int) PARTITION BY RANGE (id)',
        'CREATE TABLE part_1 PARTITION OF "Mixed" FOR VALUES FROM (0) TO (9)',
        "CREATE UNLOGGED TABLE quick (id int, CHECK (id > 0), EXCLUDE USING gist (int4range(id, id + 1) WITH &&))",
        "CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM parents",
        "CREATE RULE also AS ON INSERT TO parents DO ALSO INSERT INTO log VALUES ('r')",
        "CREATE TABLE heir () INHERITS (log)",
        "CREATE SEQUENCE numbers",
    ),
    "sqlite": (),
}


def test_read_at_once_or_one_by_one_it_is_the_same(made: Target) -> None:
    made.run(*VARIED[made.name], *(f"CREATE TABLE many_{number} (id INT)" for number in range(BULK_FROM)))
    if made.name != "sqlite":
        made.run(f"ANALYZE {'TABLE ' if made.name == 'mariadb' else ''}parents, children, log")
    names = ["parents", "children", "log", "named", "od d", "Mixed", "part_1", "quick", "counted", "heir", "numbers",
             "by_code", "nothing", "mixed", "pg_class", "sqlite_master"]  # fmt: skip
    places: list[str | None] = [None, "elsewhere"] if made.name == "postgres" else [None]
    refs = [ObjectRef(name, schema=place) for name in names for place in places]
    with made.session() as session:
        single = [(schema_of(session).table(ref), set(schema_of(session).of(ref))) for ref in refs]
        bulk = schema_of(session)
        for place in places:
            for number in range(BULK_FROM + 1):
                bulk.table(ObjectRef(f"many_{number}", schema=place))
        assert [(bulk.table(ref), set(bulk.of(ref))) for ref in refs] == single
        assert made.name == "sqlite" or all(loaded is not None for loaded in bulk.loaded.values())
    unknown = {ref.name for ref, (found, _) in zip(refs, single, strict=True) if found is None}
    assert unknown <= {"numbers", "by_code", "sqlite_master"}
