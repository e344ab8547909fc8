"""What a person hands in: every check, named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sluicegate.core.errors import SluicegateError
from sluicegate.sql.model import TicketKind
from sluicegate.tickets.content import (
    MAX_REMARK,
    MAX_TARGETS,
    MAX_TITLE,
    AccessObject,
    AccessScope,
    Content,
    TargetInput,
    check,
)
from tests.unit.configuring import configured

CHANGE = Content("fix", "", (TargetInput(1, "shop"),), b"SELECT 1")
SCOPE = AccessScope(("query",), (AccessObject(1),), hours=8)
REQUEST = Content("look", "", access=SCOPE)
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def small_scripts() -> Iterator[None]:
    with configured({"SLUICEGATE_MAX_SCRIPT_BYTES": "1024"}):
        yield


def refused(kind: TicketKind, content: Content) -> SluicegateError:
    with pytest.raises(SluicegateError) as refusal:
        check(kind, content)
    return refusal.value


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"title": " \n"}, "title_invalid", 422),
        ({"title": "长" * (MAX_TITLE + 1)}, "title_invalid", 422),
        ({"remark": "x" * (MAX_REMARK + 1)}, "remark_too_long", 422),
        ({"access": SCOPE}, "access_not_expected", 422),
        ({"targets": ()}, "targets_missing", 422),
        ({"targets": (TargetInput(1, "a"), TargetInput(1, "a"))}, "targets_twice", 422),
        (
            {"targets": tuple(TargetInput(1, str(n)) for n in range(MAX_TARGETS + 1))},
            "targets_too_many",
            422,
        ),
        ({"sql": None}, "script_empty", 422),
        ({"sql": b" \r\n\t"}, "script_empty", 422),
        ({"sql": b"-" * 1025}, "script_too_large", 413),
        ({"sql": b"SELECT 1;\n SELECT '\xff'"}, "script_not_utf8", 422),
        ({"sql": b"SELECT \x00"}, "script_forbidden_character", 422),
    ],
)
def test_change_refused(change: dict[str, object], code: str, status: int) -> None:
    error = refused(TicketKind.DATA_CHANGE, replace(CHANGE, **change))  # type: ignore[arg-type]
    assert (error.code, error.status) == (code, status)


def test_where_the_bytes_are_wrong() -> None:
    error = refused(TicketKind.DATA_CHANGE, replace(CHANGE, sql="第一行\nSELECT '".encode() + b"\xff'"))
    assert error.params == {"line": 2, "column": 9}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sql": b"SELECT 1"}, "script_not_expected"),
        ({"access": None}, "access_objects_missing"),
        ({"access": replace(SCOPE, objects=())}, "access_objects_missing"),
        ({"access": replace(SCOPE, objects=(AccessObject(1),) * 51)}, "targets_too_many"),
        ({"access": replace(SCOPE, hours=None)}, "access_duration_missing"),
        ({"access": replace(SCOPE, until=NOW + timedelta(days=1))}, "access_duration_missing"),
        ({"access": replace(SCOPE, hours=0)}, "access_duration_invalid"),
        ({"access": replace(SCOPE, hours=24 * 3651)}, "access_duration_invalid"),
        ({"access": replace(SCOPE, hours=None, until=NOW - timedelta(seconds=1))}, "access_until_past"),
        (
            {"access": replace(SCOPE, hours=None, until=datetime(2999, 1, 1))},  # noqa: DTZ001
            "access_until_past",
        ),
        ({"access": replace(SCOPE, actions=())}, "actions_empty"),
        ({"access": replace(SCOPE, actions=("query", "own"))}, "action_unknown"),
    ],
)
def test_request_refused(change: dict[str, object], code: str) -> None:
    error = refused(TicketKind.ACCESS_REQUEST, replace(REQUEST, **change))  # type: ignore[arg-type]
    assert error.code == code


def test_script_stays_byte_for_byte() -> None:
    script = "\ufeffSELECT '水闸'\r\n;\r\n\r\n".encode()
    assert check(TicketKind.DATA_CHANGE, replace(CHANGE, sql=script)).sql == script


def test_title_is_one_line() -> None:
    assert check(TicketKind.DATA_CHANGE, replace(CHANGE, title="  fix\n the  orders ")).title == (
        "fix the orders"
    )


def test_actions_and_objects_are_said_once() -> None:
    asked = AccessScope(("query", "see", "query"), (AccessObject(1), AccessObject(1)), hours=1)
    checked = check(TicketKind.ACCESS_REQUEST, replace(REQUEST, access=asked)).access
    assert checked == AccessScope(("see", "query"), (AccessObject(1),), hours=1)


def test_request_survives_being_kept() -> None:
    for asked in (SCOPE, replace(SCOPE, hours=None, until=NOW)):
        assert AccessScope.from_json(asked.as_json()) == asked
    assert SCOPE.ends_at(NOW) == NOW + timedelta(hours=8)


def test_digest_tells_requests_apart() -> None:
    others = [
        SCOPE,
        replace(SCOPE, hours=9),
        replace(SCOPE, actions=("export",)),
        replace(SCOPE, objects=(AccessObject(1, table="orders"),)),
        replace(SCOPE, hours=None, until=NOW),
    ]
    assert len({Content("t", "", access=scope).sha256 for scope in others}) == len(others)
