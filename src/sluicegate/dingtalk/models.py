"""What DingTalk tells us, parsed: people, forecasts, results of messages."""

from __future__ import annotations

from dataclasses import dataclass

from sluicegate.dingtalk.wire import (
    Json,
    flag,
    lowered,
    needed,
    numbers,
    obj,
    objects,
    text,
    texts,
    whole,
)

ROOT_DEPARTMENT = 1
"""The root's number among contacts."""

WORKFLOW_ROOT_DEPARTMENT = -1
"""The root's number when an instance is started."""


@dataclass(frozen=True)
class User:
    """An employee. ``mobile`` and ``email`` are empty without the permission to read them, or when hidden."""

    userid: str
    name: str
    unionid: str
    mobile: str
    email: str
    job_title: str
    department_ids: tuple[int, ...]
    active: bool

    @property
    def workflow_department_id(self) -> int:
        """The department to start instances in: the first one, with the root under its workflow number."""
        first = self.department_ids[0] if self.department_ids else ROOT_DEPARTMENT
        return WORKFLOW_ROOT_DEPARTMENT if first == ROOT_DEPARTMENT else first

    @classmethod
    def parse(cls, body: Json) -> User:
        found = obj(body.get("result"))
        return cls(
            userid=needed(found.get("userid")),
            name=text(found.get("name")),
            unionid=text(found.get("unionid")),
            mobile=text(found.get("mobile")),
            email=text(found.get("org_email")) or text(found.get("email")),
            job_title=text(found.get("title")),
            department_ids=numbers(found.get("dept_id_list")),
            active=flag(found.get("active")),
        )


@dataclass(frozen=True)
class LoginIdentity:
    """Who has just logged in. ``userid`` belongs to the app's organisation."""

    userid: str
    unionid: str
    name: str


@dataclass(frozen=True)
class Department:
    department_id: int
    name: str
    parent_id: int | None

    @classmethod
    def parse_list(cls, body: Json) -> tuple[Department, ...]:
        return tuple(
            cls(
                department_id=whole(found.get("dept_id")),
                name=text(found.get("name")),
                parent_id=whole(found["parent_id"]) if text(found.get("parent_id")) else None,
            )
            for found in objects(body.get("result"))
        )


@dataclass(frozen=True)
class AuthScopes:
    """The range of contacts the app may see (授权范围); a department stands for everybody under it."""

    departments: tuple[int, ...]
    users: tuple[str, ...]
    user_fields: tuple[str, ...]

    @classmethod
    def parse(cls, body: Json) -> AuthScopes:
        scopes = obj(body.get("auth_org_scopes") or {})
        return cls(
            departments=numbers(scopes.get("authed_dept")),
            users=texts(scopes.get("authed_user")),
            user_fields=texts(body.get("auth_user_field")),
        )


@dataclass(frozen=True)
class Person:
    userid: str
    name: str


@dataclass(frozen=True)
class ForecastNode:
    """A node the flow will pass.

    ``self_select``: the originator must choose (发起人自选), from ``candidates``, or from anybody if that is
    empty; the choice goes to ``start_instance`` under ``actor_key``. ``approvers``: known beforehand.
    """

    activity_id: str
    name: str
    self_select: bool
    actor_key: str
    required: bool
    allow_several: bool
    candidates: tuple[Person, ...]
    approvers: tuple[Person, ...]

    @classmethod
    def parse(cls, rule: Json) -> ForecastNode:
        actor = obj(rule.get("workflowActor") or {})
        selection = obj(actor.get("actorSelectionRange") or {})
        return cls(
            activity_id=text(rule.get("activityId")),
            name=text(rule.get("activityName")),
            self_select=flag(rule.get("isTargetSelect")) or text(rule.get("activityType")) == "target_select",
            actor_key=text(actor.get("actorKey")),
            required=flag(actor.get("required")),
            allow_several=flag(actor.get("allowedMulti")),
            candidates=tuple(
                Person(text(one.get("workNo")), text(one.get("userName")))
                for one in objects(selection.get("approvals"))
            ),
            approvers=tuple(
                Person(text(one.get("userId")), text(one.get("name")))
                for one in objects(rule.get("activityActioners"))
            ),
        )


@dataclass(frozen=True)
class Forecast:
    succeeded: bool
    nodes: tuple[ForecastNode, ...]

    @property
    def choices(self) -> tuple[ForecastNode, ...]:
        """The nodes for which the originator must name somebody."""
        return tuple(node for node in self.nodes if node.self_select)

    @classmethod
    def parse(cls, body: Json) -> Forecast:
        found = obj(body.get("result"))
        return cls(
            succeeded=flag(found.get("isForecastSuccess")),
            nodes=tuple(ForecastNode.parse(rule) for rule in objects(found.get("workflowActivityRules"))),
        )


@dataclass(frozen=True)
class SendResult:
    """What became of a work notification. ``refused``: (userid, code); 143105 daily cap, 143106 duplicate."""

    invalid_users: tuple[str, ...]
    forbidden_users: tuple[str, ...]
    failed_users: tuple[str, ...]
    read_users: tuple[str, ...]
    unread_users: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, body: Json) -> SendResult:
        found = lowered(obj(body.get("send_result") or {}))
        return cls(
            invalid_users=texts(found.get("invalid_user_id_list")),
            forbidden_users=texts(found.get("forbidden_user_id_list")),
            failed_users=texts(found.get("failed_user_id_list")),
            read_users=texts(found.get("read_user_id_list")),
            unread_users=texts(found.get("unread_user_id_list")),
            refused=tuple(
                (text(one.get("userid")), text(one.get("code")))
                for one in objects(found.get("forbidden_list"))
            ),
        )
