"""The statements that take a change back, row by row; dialects say how they write a condition."""

# ruff: noqa: S608 - identifiers are quoted, values are exact literals

from __future__ import annotations

from collections.abc import Callable, Iterator

from sluicegate.dialects.base import ImageRow, ImageSet

Condition = Callable[[str, str], str]  # quoted column, literal -> condition
Quote = Callable[[str], str]


def restoring(
    images: ImageSet, quote: Quote, key_is: Condition, equals: Condition, insert_clause: str = ""
) -> Iterator[str]:
    """One statement per row, in reverse order of the images.

    UPDATE: back to ``before`` if every column that the change touched still holds ``after``; rows that it
    left as they were need none. DELETE: the row inserted again, so that a new row with its key is a
    conflict (a duplicate).
    """
    for row in reversed(images.rows):
        if images.operation == "DELETE":
            columns = ", ".join(quote(name) for name in images.columns)
            clause = f" {insert_clause}" if insert_clause else ""
            yield f"INSERT INTO {images.table_text} ({columns}){clause} VALUES ({', '.join(row.before)})"
        else:
            statement = _update(images, row, quote, key_is, equals)
            if statement is not None:
                yield statement


def _update(
    images: ImageSet, row: ImageRow, quote: Quote, key_is: Condition, equals: Condition
) -> str | None:
    after = row.after
    if after is None:  # it no longer had this key when it was read again: nothing to put back to
        return None
    touched = [
        (quote(name), before, now)
        for name, before, now in zip(images.columns, row.before, after, strict=True)
        if name in images.assigned or before != now
    ]
    if all(before == now for _, before, now in touched):
        return None
    assignments = ", ".join(f"{name} = {before}" for name, before, _ in touched)
    keys = [key_is(quote(name), value) for name, value in zip(images.key_columns, row.key, strict=True)]
    guards = [equals(name, now) for name, _, now in touched]
    return f"UPDATE {images.table_text} SET {assignments} WHERE {' AND '.join([*keys, *guards])}"
