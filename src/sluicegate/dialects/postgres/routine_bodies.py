"""What the text of a function's body names that no function may do: files, programs, the network, the server's
configuration. A look at the tokens, in whatever language of ours the body is; SQL that the body puts together as
it runs can't be seen, so every routine is shown to the approver as stored code all the same."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from sluicegate.dialects.postgres.functions import GRAMMAR
from sluicegate.dialects.postgres.lexicon import LEXER
from sluicegate.sql.facts import Facts
from sluicegate.sql.grammar import Danger, is_name, unquote
from sluicegate.sql.tokens import STRING, WORD

_FORBIDDEN: Final = frozenset({"FILE_READ", "FILE_WRITE", "NETWORK", "OS_COMMAND"})
_PROGRAMS: Final = frozenset({("TO", "PROGRAM"), ("FROM", "PROGRAM")})


def note_body(text: str, facts: Facts) -> None:
    """Note what the body may not name; never raises."""
    before, owner = "", ""
    for token, following in pairwise(LEXER.significant(text)):
        own = before == "." and owner != "PG_CATALOG"  # somebody's function of such a name
        if following.key == "(" and is_name(token) and not own:
            _note_call(unquote(token), facts)
        elif token.kind == WORD and following.kind == STRING and (before, token.key) in _PROGRAMS:
            facts.note("OS_COMMAND", -1, "PROGRAM")
        elif token.kind == WORD and (token.key, following.key) == ("ALTER", "SYSTEM"):
            facts.note("PRIVILEGE", -1, "ALTER SYSTEM")
        before, owner = token.key, before


def _note_call(name: str, facts: Facts) -> None:
    danger = _danger(name.upper())
    if danger is not None and danger.code in _FORBIDDEN:
        facts.note(danger.code, -1, name[:60], danger.severity)


def _danger(name: str) -> Danger | None:
    if name in GRAMMAR.safe_functions:
        return None
    return GRAMMAR.dangers.get(name) or next(
        (danger for prefix, danger in GRAMMAR.danger_prefixes.items() if name.startswith(prefix)), None
    )
