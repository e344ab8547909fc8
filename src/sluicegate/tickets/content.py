"""What a person hands in, checked and turned into values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from django.utils import timezone

from sluicegate.accounts.grants import MAX_GRANT_DAYS, check_actions
from sluicegate.core.config import config
from sluicegate.core.errors import InvalidInput, TooLarge
from sluicegate.sql import gate
from sluicegate.sql.model import TicketKind

MAX_TITLE = 200
MAX_REMARK = 10_000
MAX_TARGETS = 50
MAX_NODES = 20  # as many as DingTalk takes
MAX_DEPT_ID = 2**53


@dataclass(frozen=True, slots=True)
class TargetInput:
    """Where to run: a data source by id, a database on it, and a schema where it has schemas."""

    datasource_id: int
    database: str = ""
    schema: str = ""


@dataclass(frozen=True, slots=True)
class AccessObject:
    """One object of an access request. ``*`` is everything below what is named."""

    datasource_id: int
    database: str = "*"
    schema: str = "*"
    table: str = "*"


@dataclass(frozen=True, slots=True)
class AccessScope:
    """What an access request asks for; frozen and hashed like SQL, and granted as it stands. Either
    ``hours`` counted from the approval, or ``until``."""

    actions: tuple[str, ...]
    objects: tuple[AccessObject, ...]
    hours: int | None = None
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "until": self.until.isoformat() if self.until else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            actions=tuple(data["actions"]),
            objects=tuple(AccessObject(**item) for item in data["objects"]),
            hours=data["hours"],
            until=datetime.fromisoformat(data["until"]) if data["until"] else None,
        )

    def canonical(self) -> bytes:
        return json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False).encode()

    def ends_at(self, start: datetime) -> datetime:
        if self.until is not None:
            return self.until
        assert self.hours is not None
        return start + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one revision. ``approvers``: whom the submitter chose, by node; no part of what is hashed.
    ``dept_id``: which of the submitter's departments in DingTalk it is filed from (the root is -1), None for their
    default. ``count_exactly``: its review counts the rows that it would change, instead of having them estimated."""

    title: str
    remark: str
    targets: tuple[TargetInput, ...] = ()
    sql: bytes | None = None
    filename: str = ""
    access: AccessScope | None = None
    approvers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    count_exactly: bool = False
    dept_id: int | None = None

    @property
    def sha256(self) -> str:
        if self.access is not None:
            return hashlib.sha256(self.access.canonical()).hexdigest()
        assert self.sql is not None
        return hashlib.sha256(self.sql).hexdigest()


def unstorable(value: str) -> bool:
    """NUL and lone surrogates, which JSON can spell, are text to no database."""
    return "\0" in value or any("\ud800" <= char <= "\udfff" for char in value)


def check(kind: TicketKind, content: Content) -> Content:
    """The content with its texts trimmed.

    Raises:
        InvalidInput, TooLarge: naming what is wrong.
    """
    if any(unstorable(value) for value in (content.title, content.remark, content.filename)):
        raise InvalidInput("text_unstorable")
    title = " ".join(content.title.split())
    if not title or len(title) > MAX_TITLE:
        raise InvalidInput("title_invalid", max=MAX_TITLE)
    if len(content.remark) > MAX_REMARK:
        raise InvalidInput("remark_too_long", max=MAX_REMARK)
    approvers = check_approvers(content.approvers)
    if content.dept_id is not None and not -1 <= content.dept_id <= MAX_DEPT_ID:
        raise InvalidInput("dept_id_invalid", department=content.dept_id)
    if kind is TicketKind.ACCESS_REQUEST:
        return Content(
            title,
            content.remark,
            access=_check_access(content),
            approvers=approvers,
            dept_id=content.dept_id,
        )
    if content.access is not None:
        raise InvalidInput("access_not_expected")
    _check_targets(content.targets)
    sql = content.sql or b""
    if not sql.strip():
        raise InvalidInput("script_empty")
    if len(sql) > config().max_script_bytes:
        raise TooLarge("script_too_large", max=config().max_script_bytes)
    gate.check(sql)
    return Content(
        title,
        content.remark,
        content.targets,
        sql,
        content.filename[:200],
        approvers=approvers,
        count_exactly=content.count_exactly,
        dept_id=content.dept_id,
    )


def check_approvers(approvers: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Raises InvalidInput ``approvers_invalid``."""
    if len(approvers) > MAX_NODES or any(len(people) > MAX_NODES for people in approvers.values()):
        raise InvalidInput("approvers_invalid", max=MAX_NODES)
    names = [*approvers, *(person for people in approvers.values() for person in people)]
    if any(not name.strip() or len(name) > MAX_TITLE or unstorable(name) for name in names):
        raise InvalidInput("approvers_invalid", max=MAX_NODES)
    return {node: tuple(people) for node, people in approvers.items() if people}


def _check_targets(targets: Sequence[TargetInput]) -> None:
    if not targets:
        raise InvalidInput("targets_missing")
    if len(targets) > MAX_TARGETS:
        raise InvalidInput("targets_too_many", max=MAX_TARGETS)
    if len(set(targets)) != len(targets):
        raise InvalidInput("targets_twice")


def _check_access(content: Content) -> AccessScope:
    scope = content.access
    if content.sql:
        raise InvalidInput("script_not_expected")
    if scope is None or not scope.objects:
        raise InvalidInput("access_objects_missing")
    if len(scope.objects) > MAX_TARGETS:
        raise InvalidInput("targets_too_many", max=MAX_TARGETS)
    if (scope.hours is None) == (scope.until is None):
        raise InvalidInput("access_duration_missing")
    if scope.hours is not None and not 1 <= scope.hours <= MAX_GRANT_DAYS * 24:
        raise InvalidInput("access_duration_invalid", days=MAX_GRANT_DAYS)
    if scope.until is not None and (scope.until.tzinfo is None or scope.until <= timezone.now()):
        raise InvalidInput("access_until_past")
    if scope.until is not None and scope.until > timezone.now() + timedelta(days=MAX_GRANT_DAYS - 30):
        raise InvalidInput("access_duration_invalid", days=MAX_GRANT_DAYS - 30)
    return AccessScope(
        tuple(check_actions(scope.actions)), tuple(dict.fromkeys(scope.objects)), scope.hours, scope.until
    )
