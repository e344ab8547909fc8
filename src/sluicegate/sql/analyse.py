"""The way of a script: pieces, facts, findings. What differs by dialect comes as an ``Analyser``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from sluicegate.sql import impact_aside
from sluicegate.sql.catalogue import CatalogueCopy
from sluicegate.sql.characters import FORBIDDEN, HIDDEN, confusable, is_plain
from sluicegate.sql.facts import Definition, Facts, Note
from sluicegate.sql.fingerprint import fingerprint
from sluicegate.sql.grammar import unquote
from sluicegate.sql.impact import Impact, Work
from sluicegate.sql.impact_aside import PLAIN, Aside
from sluicegate.sql.known import follow
from sluicegate.sql.lexer import LONG, Lexer, within_bounds
from sluicegate.sql.model import (
    Access,
    AnalysisContext,
    Finding,
    ObjectRef,
    Severity,
    Statement,
    StatementKind,
)
from sluicegate.sql.rows import literal_rows
from sluicegate.sql.rules.base import ScriptState, Subject, Territory
from sluicegate.sql.ruleset import default
from sluicegate.sql.shapes import Judged, Shape, ShapeCache, ShapeRules
from sluicegate.sql.split import Piece, SplitRules
from sluicegate.sql.splitter import Splitter
from sluicegate.sql.structure import Structure
from sluicegate.sql.structure.definitions import (
    AlterTable,
    AlterType,
    CreateType,
    Definitions,
    DropTable,
    RenameTable,
    RenameTo,
    SetVariable,
    Truncate,
)
from sluicegate.sql.structure.queries import Query
from sluicegate.sql.tokens import BROKEN, COMMENT, QUOTED, STRING, WORD, Token
from sluicegate.sql.walk import SchemaWalk
from sluicegate.sql.window import Window

Reader = Callable[[str, list[Token], Facts], None]
"""(text of the script, significant tokens of one statement, facts to fill)."""

StructureReader = Callable[[str, list[Token], Facts], Structure | None]
"""(text of the script, significant tokens of one statement, its facts) -> what it says; None when the reader
doesn't know. Never raises."""

Foresight = Callable[[Definitions, SchemaWalk, AnalysisContext], Impact | None]
"""(definition, the schema before it, context) -> what it will do to its table."""


MOST_DENIED: Final = 1_000
"""So many denied statements of a script are judged one by one. Nobody can have it executed, nor will anybody read
more of them; what follows would only cost time."""

REST: Final = 100_000
"""Characters in one part of what follows, so that a stream needn't hold it whole."""


@dataclass(frozen=True)
class Analyser:
    """One dialect's parts.

    Attributes:
        rules: how scripts are split.
        lexer: cuts a piece into tokens.
        read: fills the facts of a well-formed statement.
        client: fills the facts of a client command.
        territory: what is inside and outside of the target.
        shapes: which statements are alike.
        rows: matches rows of literals (``rows.pattern``).
        family: the dialects that share rules.
        structure: reads what a well-formed statement says.
        impact: what a definition will do; where it says nothing, ``aside`` does.
    """

    rules: SplitRules
    lexer: Lexer
    read: Reader
    client: Reader
    territory: Territory
    shapes: ShapeRules
    rows: re.Pattern[str]
    family: str = ""
    structure: StructureReader | None = None
    impact: Foresight | None = None
    aside: Aside = PLAIN


def analyse(script: str, context: AnalysisContext, analyser: Analyser) -> Iterator[Statement]:
    """All statements of the script with their findings. Never raises on any text."""
    return _Run(Window.whole(script), context, analyser).statements()


def analyse_stream(
    chunks: Iterable[str], context: AnalysisContext, analyser: Analyser
) -> Iterator[Statement]:
    """What ``analyse`` says of the chunks put together, holding no more of them than the statement that isn't
    finished yet and some text behind it. They may be cut anywhere; ``chunks`` is read as it is needed."""
    return _Run(Window(chunks), context, analyser).statements()


def definitions(script: str, analyser: Analyser) -> Iterator[Definition]:
    """What a script of definitions (a dump of the schema) says about reaching further."""
    run = _Run(Window.whole(script), AnalysisContext(), analyser)
    for _ in run.all_statements():
        pass
    return iter(run.state.known)


def catalogue(script: str, analyser: Analyser, home: str | None = None) -> CatalogueCopy:
    """The tables that a script of definitions makes, as a whole catalogue."""
    run = _Run(Window.whole(script), AnalysisContext(), analyser)
    for _ in run.all_statements():
        pass
    walk = run.state.walk
    return CatalogueCopy(walk.tables(), home or analyser.territory.assumed, walk.unknown())


class _Run:
    """One script's way. Offsets are those of the window's text, until a statement is made."""

    def __init__(self, window: Window, context: AnalysisContext, analyser: Analyser) -> None:
        self.window = window
        self.script = window.text
        self.context = context
        self.analyser = analyser
        self.rules = context.rules or default()
        home = analyser.territory.target(context) or analyser.territory.assumed
        self.state = ScriptState(walk=SchemaWalk(context.catalogue, home))
        self._shapes = ShapeCache()
        self._asking = False  # rules that look at the script have asked for the schema
        self._situation = 0  # grows with every change of the state that rules may ask for

    def statements(self) -> Iterator[Statement]:
        """All of them, until too many are denied: then what follows, in parts."""
        return self._statements(MOST_DENIED)

    def all_statements(self) -> Iterator[Statement]:
        """All of them, however many are denied: of a dump, say, which isn't to be executed."""
        return self._statements(None)

    def _statements(self, most_denied: int | None) -> Iterator[Statement]:
        splitter = Splitter(self.analyser.rules)
        held: Piece | None = None  # the last one has all that follows as its surroundings
        denied = 0
        while True:
            for piece in splitter.pieces(self.script, final=self.window.final):
                if held is not None:
                    statement = self._statement(held)
                    yield statement
                    denied += _denied_for_good(statement)
                    if denied == most_denied:
                        yield from self._rest(piece.start, denied)
                        return
                held = piece
            if self.window.final:
                break
            gone = self.window.read(held.outer_start if held is not None else 0)
            self.script = self.window.text
            splitter.shift(gone)
            if held is not None:
                held.shift(gone)
        if held is not None:
            held.outer_end = len(self.script)
            yield self._statement(held)
        elif not (self.window.plain and self.window.ascii):
            yield from self._only_comments()

    def _rest(self, start: int, denied: int) -> Iterator[Statement]:
        """What begins there, to the end of the script: denied, and not looked at."""
        window, facts = self.window, Facts()
        facts.kind = StatementKind.UNKNOWN
        facts.note("TOO_MANY_DENIED", -1, str(denied))
        notes = [weighed for note in facts.notes if (weighed := self.rules.weigh(note, facts.objects))]
        while True:
            while len(self.script) - start < REST and not window.final:
                start -= window.read(start)
                self.script = window.text
            end = min(start + REST, len(self.script))
            if start == end:
                return
            yield self._state(Piece(start, end, start, end, []), facts, notes, "")
            start = end

    def _only_comments(self) -> Iterator[Statement]:
        """No statement, but characters that may hide one."""
        piece = Piece(0, len(self.script), 0, len(self.script), [])
        facts = Facts()
        self._characters(piece, facts)
        if facts.notes:
            yield self._finish(piece, facts, [])

    # ---------------------------------------------------------------- one statement

    def _statement(self, piece: Piece) -> Statement:
        key = self._key(piece)
        if key is not None:
            shape = self._shapes.get(key)
            if shape is not None:
                return self._alike(piece, shape)
        facts = Facts()
        if not self._readable(piece):
            facts.unknown()
            facts.note("TOO_COMPLEX")
            return self._finish(piece, facts, piece.tokens or [])
        quick = piece.tokens is None
        tokens = self._tokens(piece)
        cut = self._characters(piece, facts, tokens if quick else ())
        readable = tokens if cut is None else [token for token in tokens if token.end <= cut]
        if piece.problem == "client" and len(tokens) == 1:
            self.analyser.client(self.script, tokens, facts)
        elif readable:
            self.analyser.read(self.script, readable, facts)
        if cut is not None or piece.problem in ("unterminated", "client"):
            facts.kind = StatementKind.UNKNOWN
        self._broken_shape(piece, tokens, facts)
        return self._finish(piece, facts, tokens, key)

    def _readable(self, piece: Piece) -> bool:
        """Whether it can be read in a time that its length warrants."""
        if piece.problem == "complex":
            return False
        if piece.end - piece.start < LONG:
            return True
        if piece.problem == "unterminated":
            return False
        if piece.tokens is not None:
            return within_bounds(piece.tokens)
        lexer, rows = self.analyser.lexer, self.analyser.rows
        skipped, resumed = literal_rows(rows, self.script, piece.start, piece.end)
        piece.tokens, complete = lexer.bounded(self.script, piece.start, skipped, piece.mode)
        if complete and resumed < piece.end:
            more, complete = lexer.bounded(self.script, resumed, piece.end)
            piece.tokens += more
        return complete

    def _tokens(self, piece: Piece) -> list[Token]:
        if piece.tokens is None:
            piece.tokens = self.analyser.lexer.significant(self.script, piece.start, piece.end, piece.mode)
        return piece.tokens

    def _key(self, piece: Piece) -> str | None:
        """Only for statements that the fast way found, without surprises in them and around them."""
        state = self.state
        if piece.tokens is not None or state.place is not None or state.temporary or state.enum_values:
            return None
        window, script, start, end = self.window, self.script, piece.start, piece.end
        if not window.plain and not is_plain(script[piece.outer_start : piece.outer_end]):
            return None
        if not window.ascii and not (
            script[piece.outer_start : start].isascii() and script[end : piece.outer_end].isascii()
        ):
            return None
        return self.analyser.shapes.key(script[start:end])

    def _alike(self, piece: Piece, shape: Shape) -> Statement:
        """A statement of a known shape: only what depends on its place is looked at."""
        state, window = self.state, self.window
        line, column = window.position(piece.start)
        distance = line - state.previous_end_line
        judged = shape.known(self._situation, distance)
        if judged is None:
            judged = self._judge(piece, shape, line)
            shape.remember(distance, judged)
        text = self.script[piece.start : piece.end]
        findings: tuple[Finding, ...] = ()
        if judged.findings is not None:
            findings = tuple([_at(finding, line, column) for finding in judged.findings])
        else:
            notes: Iterable[Note] = judged.notes
            if shape.placed:
                tokens = self._tokens(piece)
                notes = [replace(note, at=tokens[note.at].start if note.at >= 0 else -1) for note in notes]
            findings = self._findings(notes, line, column)
        state.statements += 1
        statement = Statement(
            state.statements,
            window.base + piece.start,
            window.base + piece.end,
            line,
            column,
            text,
            shape.kind,
            shape.operation,
            judged.objects,
            shape.fingerprint,
            shape.transactional,
            findings,
        )
        state.previous_end_line = line + text.count("\n")
        if state.statements == 1 or (shape.kind is StatementKind.DML and not state.changed_data):
            self._situation += 1
            state.first_kind = state.first_kind or shape.kind
            state.changed_data = state.changed_data or shape.kind is StatementKind.DML
        return statement

    def _judge(self, piece: Piece, shape: Shape, line: int) -> Judged:
        facts = shape.facts()
        facts.notes = list(shape.notes)
        subject = self._subject(facts, piece, line, [])
        questions = self.state.walk.questions
        notes = [*shape.notes, *self.rules.check_script(subject)]
        self._asking = self._asking or self.state.walk.questions > questions
        placed = any(note.at >= 0 for note in notes)
        findings = None if placed else self._findings(notes, 0, 0)
        return Judged(tuple(notes), tuple(facts.objects), findings)

    def _learn(
        self, key: str, facts: Facts, notes: list[Note], tokens: list[Token], print_: str, *, asks: bool
    ) -> None:
        if not facts.reusable or facts.kind not in (StatementKind.DML, StatementKind.QUERY):
            return
        if facts.definitions or facts.temporary or facts.database or facts.schema:
            return
        placed = any(note.at >= 0 for note in notes)
        numbered = tuple(notes)
        if placed:
            places = {token.start: number for number, token in enumerate(tokens)}
            if any(note.at >= 0 and note.at not in places for note in notes):
                return
            numbered = tuple(replace(note, at=places.get(note.at, -1)) for note in notes)
        objects = tuple(facts.objects)
        self._shapes.put(
            key,
            Shape(facts.kind, facts.operation, objects, facts.transactional, print_, numbered, placed, asks),
        )

    def _broken_shape(self, piece: Piece, tokens: list[Token], facts: Facts) -> None:
        if piece.problem == "client" and not any(note.code == "CLIENT_COMMAND" for note in facts.notes):
            facts.note("CLIENT_COMMAND", tokens[-1].start, tokens[-1].text.strip()[:40])
        if piece.open_mode or piece.mode:
            facts.kind = StatementKind.UNKNOWN
            facts.note("EXEC_COMMENT", -1, ";", Severity.BLOCK)

    def _finish(self, piece: Piece, facts: Facts, tokens: list[Token], key: str | None = None) -> Statement:
        """Apply the rules that look at the text alone, and remember the shape."""
        self._resolve(facts)
        subject = self._subject(facts, piece, 0, tokens)
        notes = [weighed for note in facts.notes if (weighed := self.rules.weigh(note, facts.objects))]
        questions = self.state.walk.questions
        self.rules.check_text(subject, notes)
        print_ = fingerprint(tokens)
        if key is not None and self.rules.reusable(subject):
            self._learn(key, facts, notes, tokens, print_, asks=self.state.walk.questions > questions)
        return self._state(piece, facts, notes, print_, subject)

    def _subject(self, facts: Facts, piece: Piece, line: int, tokens: list[Token]) -> Subject:
        def read() -> Structure | None:
            reader = self.analyser.structure
            if reader is None or facts.kind is StatementKind.UNKNOWN:
                return None
            return reader(self.script, tokens, facts)

        territory, family = self.analyser.territory, self.analyser.family
        return Subject(facts, piece, line, self.context, self.state, territory, family, read, self.script)

    def _state(
        self, piece: Piece, facts: Facts, notes: list[Note], print_: str, subject: Subject | None = None
    ) -> Statement:
        """Apply the rules that look at the script, and make the statement."""
        line, column = self.window.position(piece.start)
        facts.notes = notes
        if subject is None:
            subject = self._subject(facts, piece, line, [])
        subject.line = line
        more = self.rules.check_script(subject)
        if more:
            notes = notes + more
        text = self.script[piece.start : piece.end]
        findings = self._findings(notes, line, column) if notes else ()
        structure = subject.structure if facts.kind is not StatementKind.DML else None
        definition = None if structure is None or isinstance(structure, Query) else structure
        statement = Statement(
            ordinal=self.state.statements + 1,
            start=self.window.base + piece.start,
            end=self.window.base + piece.end,
            line=line,
            column=column,
            text=text,
            kind=facts.kind,
            operation=facts.operation,
            objects=tuple(facts.objects),
            fingerprint=print_,
            transactional=facts.transactional,
            findings=findings,
            impact=self._impact(facts, definition),
        )
        self._remember(facts, line + text.count("\n"))
        if not self.state.opaque and facts.kind not in _PLAIN and _OPAQUE.search(text):
            self.state.opaque = True  # what was said of missing tables no longer holds
            self._shapes = ShapeCache()
            self._situation += 1
        if definition is not None:
            self._walk(definition)
        return statement

    def _impact(self, facts: Facts, definition: Definitions | None) -> Impact | None:
        foresight, walk = self.analyser.impact, self.state.walk
        if foresight is None:
            return None
        impact = None if definition is None else foresight(definition, walk, self.context)
        if impact is None:
            return impact_aside.foresee(
                self.analyser.aside, facts.kind, facts.operation, facts.objects, definition, walk
            )
        if isinstance(definition, DropTable | Truncate):
            return replace(impact, work=Work.REMOVE)  # however little work it is for the server
        return impact

    def _walk(self, definition: Definitions) -> None:
        """Later statements see this one, and what was learnt of its tables may no longer hold."""
        self._follow(definition)
        touched = self.state.walk.apply(definition)
        if isinstance(definition, SetVariable):
            self.state.variables[definition.name] = definition.value
            self._situation += 1
        elif isinstance(definition, CreateType | AlterType):
            self.state.type_changed(definition)
        if self._asking:
            self._situation += 1
        self._shapes.forget(touched)

    def _follow(self, definition: Definitions) -> None:
        """Triggers and cascades go along with a table that gets another name."""
        match definition:
            case RenameTable(pairs=pairs):
                renamed = list(pairs)
            case AlterTable(table=old, actions=actions):
                renamed = [(old, action.to) for action in actions if isinstance(action, RenameTo)]
            case _:
                return
        known = [objects for objects in (self.context.known, self.state.known) if objects is not None]
        for before, after in renamed:
            self.state.known.add(list(follow(before, after, *known)))
            self._situation += 1

    def _findings(self, notes: Iterable[Note], line: int, column: int) -> tuple[Finding, ...]:
        """Worst first, each once. ``line`` and ``column`` are those of the statement."""
        seen: set[tuple[str, int, str]] = set()
        found: list[Finding] = []
        for note in notes:
            key = (note.code, note.at, note.detail)
            if key in seen:
                continue
            seen.add(key)
            rule = self.rules.rule(note.code)
            at_line, at_column = (line, column) if note.at < 0 else self.window.relative(note.at)
            found.append(
                Finding(
                    rule.id,
                    rule.code,
                    rule.severity if note.severity is None else note.severity,
                    rule.message_code,
                    at_line,
                    at_column,
                    {"detail": note.detail, **(note.params or {})},
                )
            )
        if len(found) > 1:
            found.sort(key=_worst_first)
        return tuple(found)

    # ---------------------------------------------------------------- characters

    def _characters(self, piece: Piece, facts: Facts, tokens: Sequence[Token] = ()) -> int | None:
        """Note misleading characters; where the text ends for a client that stops at NUL. ``tokens``: those that
        our lexer found, where nothing but the statement decided how it begins."""
        script, start, end = self.script, piece.outer_start, piece.outer_end
        cut = script.find("\0", start, end)
        if not self.window.plain:
            for match in islice(FORBIDDEN.finditer(script, start, end), _MISLEADING):
                character = match[0]
                if character == "\r" and script.startswith("\n", match.end()):
                    continue  # its line feed is behind the end of what is looked at
                code = "ENCODING" if "\ud800" <= character <= "\udfff" else "CONTROL_CHAR"
                facts.note(code, match.start(), f"U+{ord(character):04X}")
        if not self.window.ascii and not self._besides_strings(start, end, tokens).isascii():
            self._misleading(piece, facts)
        return None if cut < 0 else cut

    def _besides_strings(self, start: int, end: int, tokens: Sequence[Token]) -> str:
        """The text without the literals among the tokens, in which any letter may stand."""
        parts: list[str] = []
        for token in tokens:
            if token.kind == STRING:
                parts.append(self.script[start : token.start])
                start = token.end
        parts.append(self.script[start:end])
        return "".join(parts)

    def _misleading(self, piece: Piece, facts: Facts) -> None:
        for kind, start, end in self.analyser.lexer.scan(
            self.script, piece.outer_start, piece.outer_end, piece.mode
        ):
            if kind == STRING:
                continue
            if kind in (WORD, QUOTED):
                text = self.script[start:end]
                name = unquote(Token(kind, text, start, ""))
                if not name.isascii() and confusable(name):
                    facts.note("CONFUSABLE", start, name)
            for match in HIDDEN.finditer(self.script, start, end):
                if match.start() > 0 and kind in (COMMENT, "SPACE", "OP", BROKEN, "CLIENT"):
                    facts.note("CONFUSABLE", match.start(), f"U+{ord(match[0]):04X}")
            if len(facts.notes) > 40:
                return

    # ---------------------------------------------------------------- the script around it

    def _resolve(self, facts: Facts) -> None:
        """Say where unqualified names are once an earlier statement moved or shadowed them."""
        state = self.state
        if facts.at_home:
            place = state.place or self.analyser.territory.target(self.context)
            if place is not None:
                facts.add(ObjectRef(place, "database", Access.WRITE))
        if state.place is None and not state.temporary:
            return
        facts.objects = [self._moved(ref) for ref in facts.objects]

    def _moved(self, ref: ObjectRef) -> ObjectRef:
        territory = self.analyser.territory
        if ref.type not in ("table", "view", "index", "procedure", "function", "trigger", "sequence"):
            return ref
        if territory.place(ref) is not None:
            return ref
        if ref.name in self.state.temporary:
            return replace(
                ref, type="temporary", schema="pg_temp" if territory.assumed == "public" else ref.schema
            )
        if self.state.place is None:
            return ref
        if territory.qualifier == "database":
            return replace(ref, database=self.state.place)
        return replace(ref, schema=self.state.place)

    def _remember(self, facts: Facts, end_line: int) -> None:
        state = self.state
        state.statements += 1
        state.previous_end_line = end_line
        if state.first_kind is None:
            state.first_kind = facts.kind
            self._situation += 1
        if facts.kind is StatementKind.DML and not state.changed_data:
            state.changed_data = True
            self._situation += 1
        if facts.kind is StatementKind.DDL and not facts.transactional and not state.changed_structure:
            state.changed_structure = True
            self._situation += 1
        moved = facts.database if self.analyser.territory.qualifier == "database" else facts.schema
        if moved or facts.temporary or facts.definitions:
            self._situation += 1
        state.place = moved or state.place
        state.temporary.update(facts.temporary)
        if facts.definitions:
            state.known.add(facts.definitions)


_MISLEADING: Final = 1_000  # characters of one statement that are looked at: a few are shown, and one denies

# Kinds whose statements change nothing but what their text says; of others, words after which tables may be there
# that nobody saw in the text.
_PLAIN: Final = frozenset({StatementKind.DML, StatementKind.QUERY})
_OPAQUE: Final = re.compile(r"\b(?:CALL|DO|EXECUTE|FOREIGN\s+TABLE|ATTACH|USE)\b", re.IGNORECASE)


def _denied_for_good(statement: Statement) -> bool:
    """Not by a policy, whose block may still be waived."""
    findings = statement.findings
    if statement.kind is StatementKind.UNKNOWN:
        return True
    if not findings or findings[0].severity is not Severity.BLOCK:  # the worst is first
        return False
    return any(finding.severity is Severity.BLOCK and not finding.waivable for finding in findings)


def _at(finding: Finding, line: int, column: int) -> Finding:
    """The same of another statement; nobody shares its parameters."""
    return Finding(
        finding.rule,
        finding.code,
        finding.severity,
        finding.message_code,
        line,
        column,
        dict(finding.params),
    )


def _worst_first(finding: Finding) -> tuple[int, int, int, str]:
    return -finding.severity, finding.line, finding.column, finding.rule
