"""What several rules share that compare a character set, a collation or an engine with the agreed one."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.rules.base import Options, Subject
from sluicegate.sql.rules.defined import actions, columns
from sluicegate.sql.rules.outcome import whole
from sluicegate.sql.rules.types import Values, values
from sluicegate.sql.structure.definitions import Column, CreateTable, SetOption


def table_options(
    subject: Subject, options: Options, code: str, option: str, parameter: str
) -> Iterator[Note]:
    """A table's ``option`` that isn't ``parameter``'s value, or isn't said though ``require`` is set."""
    wanted = options.word(parameter).lower()
    structure = subject.structure
    table = whole(structure)
    if table is not None and isinstance(structure, CreateTable):
        said = table.options.get(option)
        if (said is None and options.flag("require")) or (said is not None and said.lower() != wanted):
            yield Note(code, structure.at, said or "-")
    for action in actions(subject):
        if isinstance(action, SetOption) and action.name == option and action.value.lower() != wanted:
            yield Note(code, action.at, action.value)


def column_options(
    subject: Subject, options: Options, code: str, option: str, parameter: str
) -> Iterator[Note]:
    """The same of columns; only those that hold text can lack it."""
    wanted = options.word(parameter).lower()
    for column in columns(subject):
        said: str = getattr(column, option)
        missing = not said and _textual(column) and options.flag("require")
        if missing or (said and said.lower() != wanted):
            yield Note(code, column.at, column.name, params={"actual": said or "-"})


def _textual(column: Column) -> bool:
    return column.type is not None and values(column.type) in (Values.TEXT, Values.CHOICE)
