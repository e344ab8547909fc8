"""The local DingTalk, as somebody with a phone and as somebody who looks on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from sluicegate.cli.demo.failing import StepFailed
from sluicegate.cli.language import say

T = TypeVar("T")

_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.05


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class App(_Shape):
    app_key: str
    app_secret: str = Field(repr=False)
    corp_id: str
    agent_id: int


class Employee(_Shape):
    userid: str
    name: str
    mobile: str


class _State(_Shape):
    apps: tuple[App, ...]
    users: tuple[Employee, ...]


class Task(_Shape):
    task_id: int = Field(alias="taskId")
    userid: str = Field(alias="userId")
    status: str


class FormValue(_Shape):
    name: str
    value: str


class Record(_Shape):
    type: str
    remark: str


class Instance(_Shape):
    title: str
    status: str
    result: str
    tasks: tuple[Task, ...]
    values: tuple[FormValue, ...] = Field(alias="formComponentValues")
    records: tuple[Record, ...] = Field(alias="operationRecords")


class Company:
    """The sandbox at ``url``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/_sandbox", timeout=30, trust_env=False)
        state = self._ask("GET", "/state", _State)
        self.app = state.apps[0]
        self._employees: Sequence[Employee] = state.users

    def employee(self, mobile: str) -> Employee:
        return next(person for person in self._employees if person.mobile == mobile)

    def instance(self, instance_id: str) -> Instance:
        return self._ask("GET", f"/instances/{instance_id}", Instance)

    def decide(self, instance_id: str, who: Employee, result: str, remark: str) -> None:
        """Agree or refuse on that person's phone.

        Raises:
            StepFailed: it isn't this person's turn.
        """
        tasks = self.instance(instance_id).tasks
        mine = [task for task in tasks if task.userid == who.userid and task.status == "RUNNING"]
        if not mine:
            found = ", ".join(f"{task.userid} {task.status}" for task in tasks)
            raise StepFailed(say("demo_task_waits", who=who.name), found or say("demo_nothing"))
        path = f"/instances/{instance_id}/tasks/{mine[0].task_id}"
        self._ask("POST", path, dict[str, object], {"result": result, "remark": remark})

    def comment_with(self, instance_id: str, words: str) -> str:
        """Wait for a comment on the approval that has these words in it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            comments = [
                record.remark
                for record in self.instance(instance_id).records
                if record.type == "ADD_REMARK" and words in record.remark
            ]
            if comments:
                return comments[0]
            if time.monotonic() > deadline:
                raise StepFailed(say("demo_comment_expected", words=words), say("demo_nothing"))
            time.sleep(_POLL_SECONDS)

    def page(self, who: Employee) -> str:
        """The address where one can be that person with a phone."""
        return f"{self.url}/as/{who.userid}"

    def _ask(self, method: str, path: str, shape: type[T], body: object = None) -> T:
        response = self._http.request(method, path, json=body)
        if not response.is_success:
            raise StepFailed(f"{method} {path}: 200", f"{response.status_code} {response.text}")
        return TypeAdapter(shape).validate_json(response.content)
