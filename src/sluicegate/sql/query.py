"""Reads SELECT, INSERT, REPLACE, UPDATE and DELETE token by token: which tables, which functions.

It is no grammar: what the server would refuse anyway may pass. What counts is that no valid statement
names a table or a function that this misses. One pass with a stack of open parentheses: time and
memory are linear, and nesting is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sluicegate.sql.conditions import compares_text_with_number, depends_on_literals, filters_nothing
from sluicegate.sql.cursor import Cursor
from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import Grammar, is_name, unquote
from sluicegate.sql.model import Access, ObjectRef, Severity
from sluicegate.sql.tokens import END, HINT, NUMBER, OP, PARAM, QUOTED, STRING, VARIABLE, WORD, Token
from sluicegate.sql.words import words

MAX_DEPTH: Final = 200
MAX_COMPARED: Final = 100_000  # names times tables; beyond it all tables count as written
QUERY_STARTS: Final = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})
VERBS: Final = frozenset({"SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH", "VALUES", "TABLE"})

_NO_ALIAS: Final = words(
    """
    WHERE SET JOIN INNER LEFT RIGHT CROSS NATURAL FULL OUTER STRAIGHT_JOIN ON USING GROUP ORDER HAVING
    LIMIT UNION EXCEPT INTERSECT MINUS FOR LOCK INTO PARTITION USE FORCE IGNORE INDEXED NOT WINDOW
    RETURNING VALUES VALUE SELECT AS PROCEDURE FETCH OFFSET TABLESAMPLE DEFAULT WITH TABLE END FROM AND
    OR THEN ELSE DO LATERAL SEPARATOR
    """
)
_MODIFIERS: Final = frozenset(["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "QUICK", "IGNORE"])
_MAY_END_IN_INTO: Final = frozenset({"SELECT", "FROM", "WHERE", "TAIL", "AFTER", "VALUES"})
_ENDS_CTE: Final = frozenset({")", "RESTRICT"})  # MariaDB: … CYCLE column RESTRICT
_BEFORE_NAME: Final = frozenset({"REFERENCES", "INTO", "INDEX", "PROJECTION", "PROCEDURE", "FUNCTION"})
_SET_OPERATORS: Final = frozenset({"UNION", "EXCEPT", "INTERSECT"})


class _Ref:
    """A table named in the FROM part of an UPDATE or DELETE, or anywhere else."""

    __slots__ = ("alias", "at", "parts")

    def __init__(self, parts: list[str], alias: str, at: int) -> None:
        self.parts = parts
        self.alias = alias
        self.at = at

    def answers_to(self, name: list[str]) -> bool:
        if len(name) == 1 and self.alias:
            return self.alias.casefold() == name[0].casefold()
        return [part.casefold() for part in self.parts[-len(name) :]] == [part.casefold() for part in name]


class _Frame:
    """An open parenthesis, or the statement itself."""

    __slots__ = (
        "clause",
        "cte",
        "ctes",
        "expecting",
        "opened_at",
        "query",
        "recursive",
        "refs",
        "set_names",
        "targets",
        "verb",
        "where",
        "writes",
    )

    def __init__(self, *, query: bool, clause: str = "") -> None:
        self.query = query
        self.clause = clause
        self.expecting = False
        self.recursive = False
        self.writes = False  # the table expected is written
        self.verb = ""
        self.ctes: set[str] | None = None
        self.refs: list[_Ref] = []
        self.targets: list[list[str]] = []
        self.set_names: list[list[str]] = []
        self.where: int | None = None
        self.opened_at = -1
        self.cte = ""  # in a WITH clause: the name whose body comes next; in a body: its name


class QueryReader:
    """Reads ``tokens[start:end]`` into ``facts``: objects and notes."""

    def __init__(
        self, tokens: Sequence[Token], grammar: Grammar, facts: Facts, *, in_body: bool = False
    ) -> None:
        self.tokens = tokens
        self.grammar = grammar
        self.facts = facts
        self.in_body = in_body
        self.frames: list[_Frame] = []
        self.i = 0
        self.end = len(tokens)
        self.verb = ""  # the verb of the outermost statement

    # ---------------------------------------------------------------- looking around

    def token(self, offset: int = 0) -> Token:
        place = self.i + offset
        return self.tokens[place] if 0 <= place < self.end else END

    def key(self, offset: int = 0) -> str:
        place = self.i + offset
        return self.tokens[place].key if 0 <= place < self.end else ""

    # ---------------------------------------------------------------- the loop

    def read(self, start: int = 0, end: int | None = None) -> str:
        """Returns the main verb: SELECT, INSERT, REPLACE, UPDATE, DELETE, or "" when it is none."""
        self.i = start
        self.end = len(self.tokens) if end is None else end
        self.frames = [_Frame(query=True, clause="START")]
        while self.i < self.end:
            self._step()
            if len(self.frames) > MAX_DEPTH:
                self.facts.unknown(self.tokens[min(self.i, self.end - 1)].start, "(")
                self.facts.note("TOO_COMPLEX", self.tokens[min(self.i, self.end - 1)].start)
                return self.verb
        while self.frames:
            self._close()
        return self.verb

    def read_expression(self, start: int, end: int) -> None:
        """An expression, or anything whose sub-queries and calls alone matter."""
        self.i = start
        self.end = end
        self.frames = [_Frame(query=False)]
        while self.i < self.end and len(self.frames) <= MAX_DEPTH:
            self._step()
        if self.i < self.end:
            self.facts.unknown(self.tokens[self.i].start, "(")
            self.facts.note("TOO_COMPLEX", self.tokens[self.i].start)
            return
        while self.frames:
            self._close()

    def _step(self) -> None:
        token = self.tokens[self.i]
        frame = self.frames[-1]
        if token.kind == OP:
            self._operator(token, frame)
        elif token.kind == WORD:
            self._word(token, frame)
        elif token.kind == QUOTED or (
            token.kind == STRING and frame.expecting and self.grammar.qualifier == "schema"
        ):
            self._name(token, frame)
        elif token.kind == VARIABLE:
            self._variable(token)
        elif token.kind == PARAM:  # nobody will give it a value
            self.facts.unknown(token.start, token.text)
            self.i += 1
        else:
            self.i += 1

    def _operator(self, token: Token, frame: _Frame) -> None:
        text = token.key
        if text == "(":
            self._open(frame)
        elif text == ")":
            if len(self.frames) == 1:
                self.facts.unknown(token.start, ")")
            else:
                self._close()
        elif text == "," and frame.query and frame.clause in ("FROM", "UPDATE"):
            frame.expecting = True
        elif text == "{" and self.grammar.braces and self.token(1).kind == WORD:
            self.i += 1
        elif text == "{" or (text == "}" and not self.grammar.braces):
            self.facts.unknown(token.start, text)
        self.i += 1

    def _open(self, frame: _Frame) -> None:
        following = self.key(1)
        if frame.clause == "CTE" and self.key(-1) in _ENDS_CTE:
            frame.clause = "START"  # WITH … (SELECT …)
        # MySQL's function VALUES(column) may look like a query too, which does no harm.
        if (frame.clause == "CTE" and self.key(-1) in ("AS", "MATERIALIZED")) or following in QUERY_STARTS:
            opened = _Frame(query=True, clause="START")
            if frame.clause == "CTE":
                opened.cte, frame.cte = frame.cte, ""
        elif frame.query and frame.expecting:
            opened = _Frame(query=True, clause="FROM")
            opened.expecting = True
            opened.refs = frame.refs
        elif frame.query and frame.clause == "START" and following == "(":
            opened = _Frame(query=True, clause="START")
        else:
            opened = _Frame(query=False)
        frame.expecting = False
        opened.opened_at = self.i
        self.frames.append(opened)

    # ---------------------------------------------------------------- words

    def _word(self, token: Token, frame: _Frame) -> None:
        if self.key(-1) == "." and not frame.expecting:
            if self.key(1) == "(":
                self._call(token)
            self.i += 1
            return
        if not frame.query:
            self._in_expression(token, frame)
            return
        if frame.clause == "START":
            self._begin(token, frame)
            return
        if frame.clause == "CTE":
            self._cte(token, frame)
            return
        if frame.expecting and not (token.key == "LATERAL" and self.key(1) == "("):
            self._name(token, frame)  # keywords too: the server takes many of them for names here
            return
        handler = _CLAUSES.get(token.key)
        if handler is not None and handler(self, token, frame):
            self.i += 1
            return
        self._in_expression(token, frame)

    def _in_expression(self, token: Token, frame: _Frame) -> None:
        if (
            self.key(1) == "("
            and token.key not in self.grammar.before_parenthesis
            and self.key(-1) != "AS"  # a type, or an alias with its columns
        ):
            self._call(token)
        elif token.key == "VALUE" and self.key(1) == "FOR" and self.grammar.sequence_functions:
            self._sequence(self.i + 2, Access.READ if self.key(-1) == "PREVIOUS" else Access.WRITE)
        elif (
            token.key == "IN"
            and self.grammar.in_table
            and (is_name(self.token(1)) or self.token(1).kind == STRING)
        ):
            self._in_table()
            return
        elif frame.clause == "SET" and frame.query:
            self._maybe_assigned(frame)
        if frame.query and frame.clause == "SET" and token.key in ("AND", "OR"):
            self._suspicious_and(token)
        self.i += 1

    def _in_table(self) -> None:
        """``x IN table`` of SQLite."""
        self.i += 1
        at = self.token().start
        parts = self._chain()
        if self.key() == "(":
            note_call(self.facts, self.grammar, parts, at)
        elif len(parts) > 1 or not self._is_cte(parts[0]):
            self.facts.add(self.grammar.ref(parts))

    def _call(self, token: Token) -> None:
        parts = [unquote(token)]
        back = 1
        while self.key(-back) == "." and is_name(self.token(-back - 1)):
            parts.insert(0, unquote(self.token(-back - 1)))
            back += 2
        if self.key(-back) in _BEFORE_NAME:
            return  # a table with a list of its columns
        note_call(self.facts, self.grammar, parts, token.start, quoted=token.kind == QUOTED)
        access = self.grammar.sequence_functions.get(token.key)
        if access is not None:
            self._sequence(self.i + 2, access)

    def _sequence(self, place: int, access: Access) -> None:
        """The sequence that NEXTVAL(name) or NEXT VALUE FOR name draws from."""
        chain = Cursor(self.tokens, place, self.end).name()
        if chain:
            self.facts.add(self.grammar.ref(chain, kind="sequence", access=access))

    def _variable(self, token: Token) -> None:
        if not token.text.startswith("@@"):
            if self.key(1) == ":=":
                self.facts.note("SESSION_STATE", token.start, token.text, Severity.WARNING)
            self.facts.reusable = False
        self.i += 1

    def _begin(self, token: Token, frame: _Frame) -> None:
        verb = token.key
        if len(self.frames) == 1 and not self.verb and verb in VERBS and verb != "WITH":
            self.verb = "SELECT" if verb in ("VALUES", "TABLE") else verb
        handler = _STARTS.get(verb)
        if handler is None:
            self.facts.unknown(token.start, token.text)
            frame.clause = "UNKNOWN"
            self.i += 1
            return
        if not frame.verb or frame.verb == "WITH":
            frame.verb = verb
        self.i += 1
        handler(self, frame)

    # ---------------------------------------------------------------- verbs

    def _start_with(self, frame: _Frame) -> None:
        if self.key() == "RECURSIVE":
            frame.recursive = True
            self.i += 1
        frame.verb = "WITH"
        frame.clause = "CTE"
        frame.ctes = frame.ctes or set()

    def _cte(self, token: Token, frame: _Frame) -> None:
        ends = self.key(-1) in _ENDS_CTE or self.grammar.scalar_with
        if token.key in VERBS and token.key != "WITH" and ends:
            frame.clause = "START"
            self._begin(token, frame)
            return
        if self.key(-1) in ("WITH", "RECURSIVE", ",") and frame.ctes is not None:
            frame.cte = unquote(token).casefold()
            if frame.recursive or self.grammar.always_recursive:
                frame.ctes.add(frame.cte)
        self.i += 1

    def _start_select(self, frame: _Frame) -> None:
        frame.clause = "SELECT"

    def _start_values(self, frame: _Frame) -> None:
        frame.clause = "VALUES"

    def _start_table(self, frame: _Frame) -> None:
        if not self.grammar.table_statement:
            self.facts.unknown(self.token(-1).start, "TABLE")
        frame.clause = "FROM"
        frame.expecting = True

    def _start_insert(self, frame: _Frame) -> None:
        self._skip_modifiers()
        if self.key() == "INTO":
            self.i += 1
        frame.clause = "INTO"
        frame.expecting = True
        frame.writes = True

    def _start_update(self, frame: _Frame) -> None:
        self._skip_modifiers()
        frame.clause = "UPDATE"
        frame.expecting = True

    def _start_delete(self, frame: _Frame) -> None:
        self._skip_modifiers()
        if self.key() == "FROM":
            self.i += 1
        names = self._delete_targets()
        if not names:
            self.facts.unknown(self.token().start, "DELETE")
            frame.clause = "UNKNOWN"
            return
        following = self.key()
        if following in ("FROM", "USING") and self.grammar.multi_table:
            frame.targets = names
            frame.clause = "FROM"
            frame.expecting = True
            self.i += 1
            return
        frame.clause = "DELETE"
        alias = self._alias()
        frame.refs.append(_Ref(names[0], alias, self.token(-1).start))
        frame.targets = [names[0] if not alias else [alias]]
        if len(names) > 1:
            self.facts.unknown(self.token().start, ",")

    def _delete_targets(self) -> list[list[str]]:
        names: list[list[str]] = []
        while is_name(self.token()) or self.token().kind == STRING:
            names.append(self._chain())
            if self.key() == "." and self.key(1) == "*":
                self.i += 2
            if self.key() != ",":
                break
            self.i += 1
        return names

    def _skip_modifiers(self) -> None:
        while True:
            if self.token().kind == HINT or self.key() in _MODIFIERS:
                self.i += 1
            elif self.key() == "OR" and self.key(1) in ("REPLACE", "IGNORE", "ABORT", "FAIL", "ROLLBACK"):
                if self.key(1) == "ROLLBACK":
                    self.facts.note("TX_CONTROL", self.token().start, "OR ROLLBACK")
                self.i += 2
            else:
                return

    # ---------------------------------------------------------------- clauses: True when the word is spent

    def _clause_from(self, _token: Token, frame: _Frame) -> bool:
        if self.key(-1) == "DISTINCT" and self.key(-2) in ("IS", "NOT"):
            return True
        if frame.clause in ("SELECT", "SET", "TAIL"):  # TAIL: a column that is called WINDOW, or the like
            frame.clause = "FROM"
            frame.expecting = True
        return True

    def _clause_join(self, _token: Token, frame: _Frame) -> bool:
        if frame.clause in ("FROM", "UPDATE"):
            frame.expecting = True
        return True

    def _clause_where(self, _token: Token, frame: _Frame) -> bool:
        if frame.clause == "UPSERT":
            return True
        frame.clause = "WHERE"
        frame.expecting = False
        frame.where = self.i + 1
        return True

    def _clause_set(self, token: Token, frame: _Frame) -> bool:
        if frame.clause in ("UPDATE", "INTO") and not frame.expecting:
            frame.clause = "SET"
        elif frame.expecting:
            self.facts.unknown(token.start, token.text)
        return True

    def _clause_tail(self, _token: Token, frame: _Frame) -> bool:
        """GROUP, HAVING, ORDER, LIMIT, WINDOW: no tables any more."""
        if self.key(-1) == "WITHIN":  # WITHIN GROUP (ORDER BY …)
            return False
        if frame.clause == "WHERE":
            self._check_where(frame)
        if frame.clause not in ("SELECT", "FROM", "WHERE", "SET", "DELETE", "TAIL", "VALUES", "UPDATE"):
            return False
        frame.clause = "TAIL"
        frame.expecting = False
        return True

    def _clause_union(self, _token: Token, frame: _Frame) -> bool:
        if frame.clause in ("SELECT", "FROM", "WHERE", "TAIL", "VALUES", "AFTER"):
            if frame.clause == "WHERE":
                self._check_where(frame)
            frame.clause = "START"
            frame.expecting = False
            frame.where = None
            if self.key(1) in ("ALL", "DISTINCT"):
                self.i += 1
            return True
        return True

    def _clause_into(self, token: Token, frame: _Frame) -> bool:
        if frame.clause in _MAY_END_IN_INTO and frame.verb not in ("INSERT", "REPLACE"):
            following = self.token(1)
            if following.key in ("OUTFILE", "DUMPFILE"):
                self.i += 1
            elif following.kind == VARIABLE:
                self.facts.note("SESSION_STATE", token.start, f"INTO {following.text}", Severity.WARNING)
            elif not self.in_body:
                self.facts.unknown(token.start, "INTO")
            if frame.clause == "WHERE":
                self._check_where(frame)
            if frame.clause != "SELECT":  # otherwise FROM may still come
                frame.clause = "TAIL"
            frame.expecting = False
        return True

    def _clause_on(self, _token: Token, frame: _Frame) -> bool:
        if frame.verb in ("INSERT", "REPLACE") and self.key(1) in ("DUPLICATE", "CONFLICT"):
            frame.clause = "UPSERT"
            frame.expecting = False
            self.i += 1
        return True

    def _clause_select(self, token: Token, frame: _Frame) -> bool:
        if frame.verb in ("INSERT", "REPLACE") and frame.clause in ("INTO", "TARGET") and not frame.expecting:
            frame.clause = "SELECT"
            return True
        self.facts.unknown(token.start, token.text)
        return True

    def _clause_with(self, _token: Token, frame: _Frame) -> bool:
        if frame.verb in ("INSERT", "REPLACE") and frame.clause == "INTO" and not frame.expecting:
            frame.clause = "CTE"
            frame.ctes = frame.ctes or set()
        return True

    def _clause_values(self, _token: Token, frame: _Frame) -> bool:
        if frame.clause == "INTO" and not frame.expecting:
            frame.clause = "VALUES"
            return True
        return False

    def _clause_table(self, _token: Token, frame: _Frame) -> bool:
        if frame.verb in ("INSERT", "REPLACE") and frame.clause == "INTO" and self.grammar.table_statement:
            frame.clause = "FROM"
            frame.expecting = True
            return True
        return False

    def _clause_returning(self, token: Token, frame: _Frame) -> bool:
        if frame.verb in ("INSERT", "REPLACE", "UPDATE", "DELETE"):
            if frame.clause == "WHERE":
                self._check_where(frame)
            self.facts.note("DATA_RETURN", token.start, "RETURNING")
            frame.clause = "RETURNING"
            frame.expecting = False
            return True
        return False

    def _clause_for(self, token: Token, frame: _Frame) -> bool:
        if self.key(1) in ("UPDATE", "SHARE") and frame.clause in ("SELECT", "FROM", "WHERE", "TAIL"):
            self.facts.note("LOCK", token.start, f"FOR {self.token(1).text}", Severity.INFO)
            frame.expecting = False
            self.i += 1
        return True

    def _clause_lateral(self, _token: Token, frame: _Frame) -> bool:
        return frame.expecting

    def _clause_procedure(self, token: Token, frame: _Frame) -> bool:
        if frame.clause in ("FROM", "WHERE", "TAIL"):
            self.facts.unknown(token.start, "PROCEDURE")
            return True
        return False

    # ---------------------------------------------------------------- names

    def _chain(self) -> list[str]:
        """name[.name…] at the present token; behind a dot anything is a name."""
        parts = [unquote(self.token())]
        plain = is_name(self.token())
        self.i += 1
        while self.key() == "." and self.key(1) != "*":
            following = self.token(1)
            if not (is_name(following) or following.kind in (NUMBER, STRING)):
                break
            plain = plain and is_name(following)
            parts.append(unquote(following))
            self.i += 2
        if not plain:  # a literal that is a name matters by its value
            self.facts.reusable = False
        return parts

    def _alias(self) -> str:
        if self.key() == "AS" and (is_name(self.token(1)) or self.token(1).kind == STRING):
            alias = unquote(self.token(1))
            self.i += 2
            return alias
        token = self.token()
        if token.kind == QUOTED or (token.kind == WORD and token.key not in _NO_ALIAS):
            self.i += 1
            return unquote(token)
        return ""

    def _name(self, token: Token, frame: _Frame) -> None:
        if frame.query and frame.clause == "CTE":
            self._cte(token, frame)
            return
        if not (frame.query and frame.expecting):
            if self.key(1) == "(" and token.kind == QUOTED and frame.clause not in ("INTO", "UPSERT"):
                self._call(token)
            elif frame.query and frame.clause == "SET":
                self._maybe_assigned(frame)
            self.i += 1
            return
        at = token.start
        parts = self._chain()
        frame.expecting = False
        if self.key() == "(" and frame.clause == "FROM":
            note_call(self.facts, self.grammar, parts, at)
            if self.grammar.in_table and parts[-1].upper() not in self.grammar.safe_functions:
                self.facts.add(self.grammar.ref(parts))  # a virtual table with arguments
            return
        if frame.clause == "INTO":
            self._insert_target(parts, frame)
            return
        alias = self._alias()
        if len(parts) == 1 and parts[0].casefold() == "dual":
            return
        if len(parts) == 1 and frame.clause != "UPDATE" and self._is_cte(parts[0]):
            return
        frame.refs.append(_Ref(parts, alias, at))

    def _insert_target(self, parts: list[str], frame: _Frame) -> None:
        frame.writes = False
        self.facts.add(self.grammar.ref(parts, access=Access.WRITE))
        if self.key() == "PARTITION":
            return
        if self.key() == "AS" and is_name(self.token(1)):
            self.i += 2

    def _is_cte(self, name: str) -> bool:
        folded = name.casefold()
        return any(frame.ctes is not None and folded in frame.ctes for frame in self.frames)

    # ---------------------------------------------------------------- assignments

    def _maybe_assigned(self, frame: _Frame) -> None:
        """At the first token of a chain in SET: remember it when "=" follows directly."""
        if self.key(-1) not in ("SET", ","):
            return
        place = self.i + 1
        parts = [unquote(self.token())]
        while place + 1 < self.end and self.tokens[place].key == ".":
            parts.append(unquote(self.tokens[place + 1]))
            place += 2
        if place < self.end and self.tokens[place].key in ("=", ":="):
            frame.set_names.append(parts)

    def _suspicious_and(self, token: Token) -> None:
        place = self.i + 1
        if place + 1 < self.end and is_name(self.tokens[place]):
            while place + 1 < self.end and self.tokens[place + 1].key == ".":
                place += 2
            if place + 1 < self.end and self.tokens[place + 1].key == "=":
                self.facts.note("LINT", token.start, token.text)

    # ---------------------------------------------------------------- the end of a frame

    def _close(self) -> None:
        frame = self.frames.pop()
        if not frame.query:
            return
        parent = self.frames[-1] if self.frames else None
        if frame.cte and parent is not None and parent.ctes is not None:
            parent.ctes.add(frame.cte)
        if frame.expecting and frame.clause in ("FROM", "UPDATE", "INTO"):
            self.facts.unknown(self.token().start if self.i < self.end else -1, frame.clause)
        if frame.clause == "WHERE":
            self._check_where(frame)
        if frame.clause == "CTE" or (frame.clause == "START" and not frame.verb and frame.opened_at < 0):
            self.facts.unknown(-1, "")
        if self.frames and self.frames[-1].refs is frame.refs:
            return  # a join in parentheses: its tables belong to the statement around it
        if self.frames and self.frames[-1].query and self.frames[-1].clause == "START":
            self.frames[-1].clause = "AFTER"
            self.frames[-1].verb = self.frames[-1].verb.replace("WITH", "") or "SELECT"
            if len(self.frames) == 1 and not self.verb:
                self.verb = "SELECT"
        self._record(frame)

    def _record(self, frame: _Frame) -> None:
        if self.grammar.target_alias and frame.verb == "UPDATE" and len(frame.refs) > 1:
            self._target_by_alias(frame)
        chosen = {id(ref) for ref in self._written(frame)}
        for ref in frame.refs:
            access = Access.WRITE if id(ref) in chosen else Access.READ
            self.facts.add(self.grammar.ref(ref.parts, access=access))
        if frame.verb in ("UPDATE", "DELETE") and frame.where is None:
            self.facts.note("NO_WHERE", -1, frame.verb)

    def _target_by_alias(self, frame: _Frame) -> None:
        """UPDATE x … FROM table AS x: the first name is no table of its own."""
        first, *others = frame.refs
        found = next((ref for ref in others if ref.answers_to(first.parts)), None)
        if found is not None:
            frame.refs = [found, *(ref for ref in others if ref is not found)]

    def _written(self, frame: _Frame) -> list[_Ref]:
        if frame.verb == "DELETE":
            names = frame.targets
        elif frame.verb == "UPDATE":
            if len(frame.refs) == 1 or self.grammar.target_alias or not self.grammar.multi_table:
                return frame.refs[:1]
            names = [name[:-1] for name in frame.set_names if len(name) > 1]
            if len(names) < len(frame.set_names) or not names:
                return frame.refs  # an unqualified column may be any table's
        else:
            return []
        if len(frame.refs) * len(names) > MAX_COMPARED:
            return frame.refs
        found = [ref for ref in frame.refs if any(ref.answers_to(name) for name in names)]
        return found if len(found) >= len({tuple(name) for name in names}) else frame.refs

    def _check_where(self, frame: _Frame) -> None:
        if frame.verb not in ("UPDATE", "DELETE") or frame.where is None:
            return
        condition = self.tokens[frame.where : self.i]
        self.facts.reusable = self.facts.reusable and not depends_on_literals(condition)
        at = self.tokens[frame.where - 1].start
        tables = [ref.parts[-1].casefold() for ref in frame.refs]
        if filters_nothing(condition, pipes_or=self.grammar.pipes_or, tables=tables):
            self.facts.note("TAUTOLOGY", at, "WHERE")
        else:
            suspect = compares_text_with_number(condition)
            if suspect is not None:
                self.facts.note("TAUTOLOGY", suspect.start, suspect.text)


def note_call(facts: Facts, grammar: Grammar, parts: list[str], at: int, *, quoted: bool = False) -> None:
    """Judge a function by its name: plain, dangerous, or somebody's own code."""
    name = parts[-1].upper()
    builtin = len(parts) == 1 or (
        grammar.builtin_schema is not None and parts[-2].lower() == grammar.builtin_schema
    )
    if builtin and not quoted and name in grammar.safe_functions:
        return
    danger = grammar.dangers.get(name) if builtin else None
    if danger is None and builtin:
        danger = next(
            (danger for prefix, danger in grammar.danger_prefixes.items() if name.startswith(prefix)), None
        )
    if builtin and danger is None and quoted and name in grammar.safe_functions:
        return
    if danger is not None:
        facts.note(danger.code, at, parts[-1], danger.severity)
        schema = grammar.builtin_schema
        facts.add(ObjectRef(parts[-1], "function", Access.READ, schema=schema))
        return
    facts.note("STORED_CODE", at, ".".join(parts))
    facts.add(grammar.ref(parts, kind="function"))


_CLAUSES: Final = {
    "FROM": QueryReader._clause_from,
    "JOIN": QueryReader._clause_join,
    "STRAIGHT_JOIN": QueryReader._clause_join,
    "WHERE": QueryReader._clause_where,
    "SET": QueryReader._clause_set,
    "GROUP": QueryReader._clause_tail,
    "HAVING": QueryReader._clause_tail,
    "ORDER": QueryReader._clause_tail,
    "LIMIT": QueryReader._clause_tail,
    "WINDOW": QueryReader._clause_tail,
    "INTO": QueryReader._clause_into,
    "ON": QueryReader._clause_on,
    "SELECT": QueryReader._clause_select,
    "WITH": QueryReader._clause_with,
    "VALUES": QueryReader._clause_values,
    "VALUE": QueryReader._clause_values,
    "TABLE": QueryReader._clause_table,
    "RETURNING": QueryReader._clause_returning,
    "FOR": QueryReader._clause_for,
    "LATERAL": QueryReader._clause_lateral,
    "PROCEDURE": QueryReader._clause_procedure,
    **dict.fromkeys(_SET_OPERATORS, QueryReader._clause_union),
}
_STARTS: Final = {
    "SELECT": QueryReader._start_select,
    "VALUES": QueryReader._start_values,
    "TABLE": QueryReader._start_table,
    "WITH": QueryReader._start_with,
    "INSERT": QueryReader._start_insert,
    "REPLACE": QueryReader._start_insert,
    "UPDATE": QueryReader._start_update,
    "DELETE": QueryReader._start_delete,
}
