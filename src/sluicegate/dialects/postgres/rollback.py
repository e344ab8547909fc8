"""Rollback statements of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.dialects.base import ImageSet
from sluicegate.dialects.common.restore import restoring
from sluicegate.dialects.postgres.literals import equals
from sluicegate.dialects.postgres.wire import quote


def rollback_statements(images: ImageSet) -> Iterator[str]:
    """See ``Dialect.rollback_statements``. OVERRIDING SYSTEM VALUE gives rows their old numbers back where
    a column is GENERATED ALWAYS AS IDENTITY, and means nothing elsewhere."""
    return restoring(
        images,
        quote,
        lambda column, literal: f"{column} = {literal}",
        equals,
        insert_clause="OVERRIDING SYSTEM VALUE",
    )
