"""Keeping before-images: what a statement changed, compressed and sealed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict

from sluicegate.core import crypto
from sluicegate.core.errors import Conflict
from sluicegate.dialects import registry
from sluicegate.dialects.base import ImageRow, ImageSet
from sluicegate.executions.models import BeforeImage, Execution, StatementRun, Verdict

MAX_ROWS = 10_000


def _context(run: StatementRun) -> str:
    return f"statement:{run.pk}:image"


def store(run: StatementRun, images: ImageSet) -> None:
    """Keep the image; replaces one of an attempt that was rolled back."""
    packed = zlib.compress(json.dumps(asdict(images), ensure_ascii=False).encode())
    BeforeImage.objects.update_or_create(
        statement=run,
        defaults={"rows": len(images.rows), "sealed": crypto.seal(packed, _context(run))},
    )


def discard(run: StatementRun) -> None:
    BeforeImage.objects.filter(statement=run).delete()


def load(image: BeforeImage) -> ImageSet:
    data = json.loads(zlib.decompress(crypto.unseal_bytes(image.sealed, _context(image.statement))))
    rows = tuple(
        ImageRow(
            tuple(row["key"]),
            tuple(row["before"]),
            None if row["after"] is None else tuple(row["after"]),
        )
        for row in data["rows"]
    )
    return ImageSet(
        operation=data["operation"],
        table_text=data["table_text"],
        key_columns=tuple(data["key_columns"]),
        columns=tuple(data["columns"]),
        assigned=tuple(data["assigned"]),
        rows=rows,
    )


def rollback_script(execution: Execution) -> str:
    """SQL that restores every row this execution changed, last change first, one row a statement.

    Raises:
        Conflict: ``undo_impossible`` naming the first applied statement that has no image and why.
    """
    dialect = registry.get(execution.grant.datasource.dialect)
    applied = execution.statements.filter(verdict=Verdict.APPLIED)
    for run in applied.select_related("image").order_by("ordinal"):
        # Even a change of no rows has an image: without one, something isn't known.
        if run.undo_reason or not hasattr(run, "image"):
            raise Conflict("undo_impossible", ordinal=run.ordinal, reason=run.undo_reason or "image_missing")

    def statements() -> Iterator[str]:
        for run in applied.select_related("image").order_by("-ordinal"):
            yield from dialect.rollback_statements(load(run.image))

    return "".join(f"{statement};\n" for statement in statements())
