"""A script is read in windows, and what is given of it is what was checked; results are written as they are."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from django.db import connection

from sluicegate.core.errors import Conflict
from sluicegate.dialects.base import StatementResult
from sluicegate.executions import services
from sluicegate.executions.models import Script, Verdict
from sluicegate.executions.progress import Progress
from sluicegate.executions.slices import WINDOW, Slices
from tests.integration.world import World

CONTENT = random.Random(1).randbytes(2 * WINDOW + 12_345)


def stored(content: bytes) -> Script:
    """As a run reads it: its content isn't at hand."""
    return Script.objects.defer("content").get(pk=services.freeze(content).pk)


def altered(script: Script, content: bytes) -> None:
    """Past the trigger, as only the database's owner can."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE executions_script DISABLE TRIGGER USER")
        try:
            cursor.execute("UPDATE executions_script SET content = %s WHERE id = %s", [content, script.pk])
        finally:
            cursor.execute("ALTER TABLE executions_script ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 0),
        (0, 1),
        (0, len(CONTENT)),
        (WINDOW - 1, WINDOW + 1),
        (WINDOW, 2 * WINDOW),
        (5, 2 * WINDOW + 7),
        (len(CONTENT) - 1, len(CONTENT)),
    ],
)
def test_slices_are_those_of_the_content(start: int, end: int) -> None:
    assert Slices(stored(CONTENT)).get(start, end) == CONTENT[start:end]


def test_beyond_the_end_is_refused() -> None:
    with pytest.raises(Conflict):
        Slices(stored(CONTENT)).get(len(CONTENT) - 1, len(CONTENT) + 1)


def test_content_that_was_altered(world: World) -> None:
    content = world.unique("SELECT ").encode() + CONTENT
    script = stored(content)
    early, late = Slices(script), Slices(script)
    late.check()
    other = content[: WINDOW + 5] + b"!" + content[WINDOW + 6 :]
    altered(script, other)
    with pytest.raises(Conflict) as refusal:
        early.get(0, 10)
    assert refusal.value.code == "script_altered"
    assert late.get(0, WINDOW) == content[:WINDOW], "the first window is as it was"
    with pytest.raises(Conflict):
        late.get(WINDOW, WINDOW + 10)


def test_results_are_written_as_they_are(world: World) -> None:
    execution = world.execution(statements=3)
    first, second, third = execution.statements.order_by("ordinal")
    progress = Progress(execution, lambda: None)
    begun = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    progress.begun(first, durable=True)
    progress.applied(first, StatementResult(7, ('it\'s "odd" \\ {1,NULL}', "行\n")), "server")
    first.started_at = begun
    progress.not_applied(second, "statement_failed", "1062", "Duplicate 'a\0b' \\u0000 水闸")
    progress.flush()
    first.refresh_from_db()
    second.refresh_from_db()
    third.refresh_from_db()
    assert (first.verdict, first.affected_rows, first.evidence) == (Verdict.APPLIED, 7, "server")
    assert first.warnings == ['it\'s "odd" \\ {1,NULL}', "行\n"]
    assert first.started_at == begun
    assert (second.verdict, second.affected_rows, second.warnings) == (Verdict.NOT_APPLIED, None, [])
    assert second.error_text == "Duplicate 'a\N{REPLACEMENT CHARACTER}b' \\u0000 水闸"
    assert (third.verdict, third.finished_at) == (Verdict.PENDING, None)
