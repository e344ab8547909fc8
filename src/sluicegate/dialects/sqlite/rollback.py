"""Rollback statements of SQLite."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.dialects.base import ImageSet
from sluicegate.dialects.common.restore import restoring
from sluicegate.dialects.sqlite.literals import equals
from sluicegate.dialects.sqlite.wire import quote


def rollback_statements(images: ImageSet) -> Iterator[str]:
    """See ``Dialect.rollback_statements``."""
    return restoring(images, quote, lambda column, literal: f"{column} IS {literal}", equals)
