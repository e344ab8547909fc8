"""What is certain of a name: rules of this topic speak of nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sluicegate.sql.catalogue import ABSENT, Lookup
from sluicegate.sql.model import ObjectRef
from sluicegate.sql.rules.base import POSTGRESQL, SQLITE, Subject
from sluicegate.sql.structure.definitions import Table

_OWN: Final = {POSTGRESQL: ("pg_",), SQLITE: ("sqlite_", "pragma_", "json_", "temp_")}
_MODULES: Final = frozenset({"dbstat", "generate_series", "bytecode", "tables_used", "completion"})
_HIDDEN: Final = {
    POSTGRESQL: frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"}),
    SQLITE: frozenset({"rowid", "oid", "_rowid_", "rank"}),
}
_HIDDEN_HERE: Final = frozenset({"_rowid", "_tidb_rowid"})  # the MySQL family
_OPTIONAL: Final = re.compile(r"\bIF\s+EXISTS\b", re.IGNORECASE)
_GUARD: Final = re.compile(r"\bIF\s+NOT\s+EXISTS\b", re.IGNORECASE)


def lookup(subject: Subject, ref: ObjectRef) -> Lookup:
    """The table that is surely meant; None for temporary ones, system tables and those elsewhere."""
    script = subject.script
    if ref.type not in ("table", "view") or script.place is not None or ref.name in script.temporary:
        return None
    territory = subject.territory
    place = territory.place(ref)
    if place is not None:
        if place.casefold() in territory.system or place.casefold().startswith("pg_"):
            return None
        home = territory.target(subject.context) or territory.assumed
        if subject.family != POSTGRESQL and (home is None or place.casefold() != home.casefold()):
            return None
    folded = ref.name.casefold()
    if folded in _MODULES or folded.startswith(_OWN.get(subject.family, ("dual",))):
        return None
    return subject.table(ref)


def table(subject: Subject, ref: ObjectRef) -> Table | None:
    """The table with all its columns; None when it isn't certain."""
    found = lookup(subject, ref)
    return found if isinstance(found, Table) and found.columns else None


def absent(subject: Subject, ref: ObjectRef) -> bool:
    """Certainly not there. A name of other case, an index of that name, or earlier statements whose doings
    nobody knows leave doubt."""
    if lookup(subject, ref) is not ABSENT:
        return False
    lower = ObjectRef(ref.name.lower(), ref.type, schema=ref.schema, database=ref.database)
    if lower.name != ref.name and subject.table(lower) is not ABSENT:
        return False
    return not opaque(subject) and subject.script.walk.table_of_index(ref) is None


def opaque(subject: Subject) -> bool:
    """An earlier statement may have done what can't be seen."""
    return subject.script.opaque


def exists(subject: Subject, ref: ObjectRef) -> bool:
    """Certainly there, written the same way."""
    found = lookup(subject, ref)
    if found is None or opaque(subject):
        return False
    return isinstance(found, Table) and (subject.family != POSTGRESQL or found.ref.name == ref.name)


def lacks(subject: Subject, found: Table, name: str) -> bool:
    """The table has no column of this name, not even a hidden one."""
    hidden = _HIDDEN.get(subject.family, _HIDDEN_HERE)
    named = bool(name) and name.casefold() not in hidden
    return named and found.column(name) is None and not opaque(subject)


def guarded(subject: Subject) -> bool:
    """The statement says IF NOT EXISTS."""
    return _GUARD.search(subject.text) is not None


def optional(subject: Subject) -> bool:
    """The statement says IF EXISTS."""
    return _OPTIONAL.search(subject.text) is not None


def quoted_texts(subject: Subject) -> frozenset[str]:
    """What stands in double quotes: SQLite takes an unknown name there for a text."""
    return frozenset(subject.text.split('"')[1:-1]) if subject.family == SQLITE else frozenset()


def distinct(refs: Iterator[ObjectRef]) -> Iterator[ObjectRef]:
    """Each name once, whatever is done with it."""
    return iter({(ref.name.casefold(), ref.schema, ref.database): ref for ref in refs}.values())
