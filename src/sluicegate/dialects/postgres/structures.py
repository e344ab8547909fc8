"""What a PostgreSQL statement says, from the tree that the classifying reader kept."""

from __future__ import annotations

from sluicegate.dialects.postgres.definitions import READERS
from sluicegate.dialects.postgres.query_structure import QUERIES, read_query
from sluicegate.dialects.postgres.source import Source, Tree
from sluicegate.sql.facts import Facts
from sluicegate.sql.structure import Structure
from sluicegate.sql.tokens import Token


def structure(script: str, tokens: list[Token], facts: Facts) -> Structure | None:
    """None for what rules don't ask about, and for statements of a shape that was read before."""
    tree = facts.tree
    if not isinstance(tree, Tree) or not tokens:
        return None
    source = Source(script, tokens, tree)
    reader = READERS.get(tree.kind)
    if reader is not None:
        found = reader(tree.fields, source)
        if found is not None:
            return found
    return read_query(tree.kind, tree.fields, source) if tree.kind in QUERIES else None
