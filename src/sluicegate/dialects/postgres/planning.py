"""What planning a statement would run that is neither the server's own nor an extension's.

The planner works out constant expressions, and with them calls IMMUTABLE and, to guess sizes, STABLE functions:
those named in the statement, and those behind its operators and casts, behind ``row.function``, and behind the
defaults, generated columns, constraints, index expressions and policies of its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sluicegate.dialects.common.scan import Token, TokenKind
from sluicegate.dialects.postgres.wire import Wire
from sluicegate.sql.model import Statement

_FOUND: Final = """
WITH RECURSIVE tables AS (
    SELECT c.oid FROM pg_catalog.generate_series(1, pg_catalog.cardinality($1::text[])) AS k(n)
    JOIN pg_catalog.pg_class c ON c.relname = ($1::text[])[k.n]::pg_catalog.name
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE CASE WHEN ($2::text[])[k.n] = '' THEN pg_catalog.pg_table_is_visible(c.oid)
        ELSE n.nspname = ($2::text[])[k.n]::pg_catalog.name END
    UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tables t ON t.oid = i.inhparent
), own AS (
    SELECT p.oid, p.proname FROM pg_catalog.pg_proc p
    WHERE p.provolatile <> 'v' AND p.prokind = 'f'
        AND p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.deptype = 'e' AND e.objid = p.oid
            AND e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass)
), parts AS (
    SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass AS kind, a.oid
    FROM pg_catalog.pg_attrdef a JOIN tables t ON t.oid = a.adrelid
    UNION ALL SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
    FROM pg_catalog.pg_constraint k JOIN tables t ON t.oid = k.conrelid
    UNION ALL SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid
    FROM pg_catalog.pg_index i JOIN tables t ON t.oid = i.indrelid
    UNION ALL SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, t.oid FROM tables t
    UNION ALL SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, l.oid
    FROM pg_catalog.pg_policy l JOIN tables t ON t.oid = l.polrelid
    UNION ALL SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid
    FROM pg_catalog.pg_statistic_ext s JOIN tables t ON t.oid = s.stxrelid
)
SELECT 'estimate_has_view' FROM pg_catalog.pg_class c JOIN tables t ON t.oid = c.oid WHERE c.relkind = 'f'
UNION ALL SELECT 'estimate_has_function' FROM pg_catalog.pg_operator o JOIN own f ON f.oid = o.oprcode
UNION ALL SELECT 'estimate_has_function' FROM pg_catalog.pg_cast c JOIN own f ON f.oid = c.castfunc
UNION ALL SELECT 'estimate_has_function' FROM own f
    WHERE pg_catalog.upper(f.proname::pg_catalog.text) = ANY ($3::text[])
UNION ALL SELECT 'estimate_has_function' FROM parts p
    JOIN pg_catalog.pg_depend d ON d.classid = p.kind AND d.objid = p.oid
        AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    JOIN own f ON f.oid = d.refobjid
LIMIT 1
"""


def obstacle(wire: Wire, statement: Statement, parts: Sequence[Token]) -> str | None:
    """The catalogue code of why the statement isn't planned; None where nothing speaks against it. Parts of its
    tables that are foreign are asked for by their own server, so those are left alone too."""
    names = array([item.name for item in statement.objects])
    places = array([item.schema or "" for item in statement.objects])
    return wire.value(_FOUND, names, places, array(sorted(_behind_dots(parts))))


def _behind_dots(parts: Sequence[Token]) -> set[str]:
    return {
        parts[at + 1].text.upper()
        for at in range(len(parts) - 1)
        if parts[at].text == "." and parts[at + 1].kind in (TokenKind.WORD, TokenKind.QUOTED)
    }


def array(names: Sequence[str]) -> str:
    """The text of a ``text[]``."""
    return "{" + ",".join('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in names) + "}"
