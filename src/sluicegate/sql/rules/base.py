"""What a rule is, and what it is given.

One rule is one file of a topic's folder: its code, level, parameters, texts in both languages, and cases
that show what it finds and what it lets pass. The cases are the rule's tests and its examples in the
reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sluicegate.sql.catalogue import Lookup
from sluicegate.sql.facts import Facts, Note
from sluicegate.sql.known import KnownObjects
from sluicegate.sql.model import AnalysisContext, Estimate, ObjectRef, Severity, StatementKind, TicketKind
from sluicegate.sql.split import Piece
from sluicegate.sql.structure import Structure
from sluicegate.sql.structure.definitions import AlterType, CreateType
from sluicegate.sql.walk import SchemaWalk

NO_NAMES: Final[frozenset[str]] = frozenset()
MYSQL: Final = "mysql"
POSTGRESQL: Final = "postgresql"
SQLITE: Final = "sqlite"
ORACLE: Final = "oracle"
MSSQL: Final = "mssql"
CLICKHOUSE: Final = "clickhouse"
STRUCTURED: Final = frozenset(
    {MYSQL, POSTGRESQL, SQLITE}
)  # families whose statements are read into structures
EVERY: Final = STRUCTURED | {ORACLE, MSSQL, CLICKHOUSE}


@dataclass(frozen=True)
class Territory:
    """How names are qualified in a dialect, and which places are the server's own.

    Attributes:
        qualifier: database or schema: what a statement can name beside the target's own.
        assumed: where unqualified names live when nobody said (public, main); None when unknown.
        readable: system places that anybody may read.
        system: all system places: never written.
        secret: tables (lower case) in them that hold secrets or other people's work: never read.
        transactional_ddl: definitions take part in transactions.
        system_prefix: how the names of system tables begin that are found without qualification.
        prefix_anywhere: they begin so in every place, not only where no place is named.
        inner: where names have a schema inside of the database too, the one that is meant without it ("dbo").
        inner_system: the server's own among them.
    """

    qualifier: str
    assumed: str | None
    readable: frozenset[str]
    system: frozenset[str]
    secret: frozenset[str] = NO_NAMES
    transactional_ddl: bool = True
    system_prefix: str = ""
    prefix_anywhere: bool = False
    inner: str = ""
    inner_system: frozenset[str] = NO_NAMES

    def place(self, ref: ObjectRef) -> str | None:
        return ref.database if self.qualifier == "database" else ref.schema

    def target(self, context: AnalysisContext) -> str | None:
        return context.database if self.qualifier == "database" else context.schema


@dataclass(slots=True)
class ScriptState:
    """What earlier statements of the script left behind."""

    statements: int = 0
    previous_end_line: int = 0
    first_kind: StatementKind | None = None
    changed_data: bool = False
    changed_structure: bool = False
    place: str | None = None  # where unqualified names resolve, once a statement moved it
    temporary: set[str] = field(default_factory=set)
    known: KnownObjects = field(default_factory=KnownObjects)
    walk: SchemaWalk = field(default_factory=SchemaWalk)
    opaque: bool = False  # something ran that may have made or changed tables unseen
    variables: dict[str, str] = field(default_factory=dict)  # set by earlier statements, names in lower case
    types: set[str] = field(default_factory=set)  # made by earlier statements, names in lower case
    enum_values: dict[str, str] = field(default_factory=dict)  # value -> type that was there before

    def type_changed(self, definition: CreateType | AlterType) -> None:
        name = definition.ref.name.casefold()
        if isinstance(definition, CreateType):
            self.types.add(name)
        elif definition.operation == "ADD VALUE" and name not in self.types:
            self.enum_values[definition.value] = definition.ref.name


ReadStructure = Callable[[], Structure | None]


@dataclass(slots=True)
class Subject:
    """One statement, as the rules see it. ``line`` is the line it starts on."""

    facts: Facts
    piece: Piece
    line: int
    context: AnalysisContext
    script: ScriptState
    territory: Territory
    family: str
    read: ReadStructure
    source: str = ""  # the whole script
    memo: Any = None  # what expressions see, made once
    _structure: Structure | None = None
    _read: bool = False

    @property
    def structure(self) -> Structure | None:
        """What the statement says; None where the dialect's reader doesn't know. Not to be asked by rules
        ``by_script`` of data statements: those of a known shape aren't read again."""
        if not self._read:
            self._read = True
            self._structure = self.read()
        return self._structure

    @property
    def text(self) -> str:
        """The statement as written."""
        return self.source[self.piece.start : self.piece.end]

    def table(self, ref: ObjectRef) -> Lookup:
        """The table as it is at this place of the script: a Table, ABSENT, or None when nobody knows."""
        return self.script.walk.table(ref)


# ---------------------------------------------------------------- parameters


Value = bool | int | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """What people read. ``{placeholders}`` in messages: ``{detail}`` of the note, its own parameters, and
    the rule's parameters by name."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a policy may set. Its type is that of ``default``; ``choices`` limits texts and the
    elements of lists."""

    name: str
    default: Value
    title: Text
    choices: tuple[str, ...] = ()
    minimum: int | None = None


class Options:
    """The values of one rule's parameters."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.values = dict(values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Options) and self.values == other.values

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.values.items())))

    def flag(self, name: str) -> bool:
        value = self.values[name]
        assert isinstance(value, bool)
        return value

    def number(self, name: str) -> int:
        value = self.values[name]
        assert isinstance(value, int)
        return value

    def word(self, name: str) -> str:
        value = self.values[name]
        assert isinstance(value, str)
        return value

    def words(self, name: str) -> tuple[str, ...]:
        value = self.values[name]
        assert isinstance(value, tuple)
        return value

    def shown(self) -> dict[str, str | int]:
        """For messages."""
        return {
            name: ", ".join(value) if isinstance(value, tuple) else value
            for name, value in self.values.items()
        }


NO_OPTIONS: Final = Options({})

# ---------------------------------------------------------------- rules

Check = Callable[[Subject, Options], Iterable[Note]]


@dataclass(frozen=True, slots=True)
class PlanSubject:
    """One change of data with what the target said of it.

    Attributes:
        estimate: rows None when unknown.
        table: the one that is changed, "" when there are several.
        table_rows, share: of that table (percent); None when unknown.
        sizes: rows of other tables by folded name, as far as known.
        production: the target is one.
    """

    operation: str
    estimate: Estimate
    table: str = ""
    table_rows: int | None = None
    share: float | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    production: bool = False


PlanCheck = Callable[[PlanSubject, Options], Iterable[Note]]


@dataclass(frozen=True, slots=True)
class Example:
    """A case of a rule.

    Attributes:
        sql: a script; the rule must find something in it (``fails``) or nothing (``passes``).
        families: which of the rule's families it is written for; all when empty.
        setup: a script of definitions: the target's catalogue holds exactly what it creates. "" means that
            nobody looked at the catalogue.
        options: parameters other than the defaults.
        version: the server's.
        kind: what the script is filed as.
        rows: of each table that ``setup`` makes; None: nobody knows how many.
    """

    sql: str
    families: tuple[str, ...] = ()
    setup: str = ""
    options: Mapping[str, Value] = field(default_factory=dict)
    version: tuple[int, ...] | None = None
    kind: TicketKind | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for.

    Attributes:
        id: stable, for policies and reports.
        code: what findings say to machines.
        severity: unless the case says otherwise.
        check: looks at the subject; None when the readers note the cases.
        by_script: ``check`` looks at the place in the script too, so that a statement of a known shape
            must be checked again.
        families: where it means anything, shown by its cases.
        everywhere: ``check`` runs on families without cases too: what guards the approval itself must not
            depend on somebody having written cases.
        structures: ``check`` is asked only about statements of these structures; all when empty.
        verbs: of queries, ``check`` is asked only about those with one of these verbs; all when empty.
        needs: of queries, ``check`` is asked only about those that have all of these parts (see
            ``ruleset.PARTS``).
        enabled: without a policy that mentions it.
        parameters: what a policy may set.
        reads_text: ``check`` looks at the statement's own text, so that no two statements are judged alike.
        reads_literals: ``check`` looks at values of literals beyond what ``Query.literals_matter`` says
            nothing of; see there.
        check_plan: looks at the target's plan, once there is one; its cases are ``plan_fails`` and
            ``plan_passes``.
        title, message, why: in both languages; ``why`` says what is bad about it and what to do instead.
        fails, passes: cases.
    """

    id: str
    code: str
    severity: Severity
    check: Check | None = None
    by_script: bool = False
    families: frozenset[str] = EVERY
    everywhere: bool = False
    structures: tuple[type, ...] = ()
    verbs: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    enabled: bool = True
    parameters: tuple[Parameter, ...] = ()
    reads_text: bool = False
    reads_literals: bool = False
    title: Text | None = None
    message: Text | None = None
    why: Text | None = None
    fails: tuple[Example, ...] = ()
    passes: tuple[Example, ...] = ()
    check_plan: PlanCheck | None = None
    plan_fails: tuple[PlanSubject, ...] = ()
    plan_passes: tuple[PlanSubject, ...] = ()

    @property
    def message_code(self) -> str:
        return f"finding_{self.code.lower()}"

    @property
    def defaults(self) -> Options:
        if not self.parameters:
            return NO_OPTIONS
        return Options({parameter.name: parameter.default for parameter in self.parameters})
