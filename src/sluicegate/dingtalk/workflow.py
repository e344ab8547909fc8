"""OA approval: templates and instances (``api.dingtalk.com/v1.0/workflow``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sluicegate.dingtalk import endpoints
from sluicegate.dingtalk.auth import AppCalls
from sluicegate.dingtalk.errors import (
    DingTalkError,
    InstanceFinished,
    InstanceNotFound,
    InstanceStateConflict,
    RevokeNotAllowed,
    RevokeTooEarly,
)
from sluicegate.dingtalk.events import FailedCallbacks, StreamEvent
from sluicegate.dingtalk.instances import InstanceSnapshot
from sluicegate.dingtalk.models import Forecast
from sluicegate.dingtalk.templates import FormSchema, FormValue, Page, TemplateInfo
from sluicegate.dingtalk.wire import Json, Unreadable, flag, needed, obj

_LONGEST_TEXT = 1024
_TEMPLATES_A_PAGE = 100
_IDS_A_PAGE = 20
_MOST_IDS = 10_000
_MOST_PAGES = _MOST_IDS // _IDS_A_PAGE


class WorkflowCalls:
    """The part of the client that deals with templates and instances."""

    _calls: AppCalls

    # --- templates ------------------------------------------------------------------------------------

    def process_code_by_name(self, name: str) -> str:
        """Raises TemplateMissing. Whether it finds templates drawn by hand is not documented."""
        return self._calls.call(endpoints.PROCESS_CODE_BY_NAME, _process_code, query={"name": name})

    def form_schema(self, process_code: str) -> FormSchema:
        """Raises TemplateMissing."""
        return self._calls.call(endpoints.FORM_SCHEMA, FormSchema.parse, query={"processCode": process_code})

    def visible_templates(self, userid: str | None = None) -> tuple[TemplateInfo, ...]:
        """The templates this person can start, or all of the organisation."""
        found: list[TemplateInfo] = []
        cursor = "0"
        for _ in range(_MOST_PAGES):
            query = {"maxResults": str(_TEMPLATES_A_PAGE), "nextToken": cursor}
            if userid is not None:
                query["userId"] = userid
            page = self._calls.call(endpoints.VISIBLE_TEMPLATES, Page.parse, query=query)
            found.extend(page.templates)
            if _last(cursor, page):
                break
            cursor = page.next_token
        return tuple(found)

    def create_form(
        self,
        name: str,
        components: Sequence[Mapping[str, Any]],
        *,
        description: str = "",
        process_code: str | None = None,
    ) -> str:
        """Creates a template, or updates the one with this process code; returns the process code.

        Args:
            components: as ``forms.form_components`` makes them.

        Raises:
            TemplateNameTaken: then ``process_code_by_name`` finds the one that has the name.
            OutcomeInDoubt: look by name before trying again.
        """
        payload: dict[str, Any] = {
            "name": name,
            "description": description,
            "formComponents": [dict(component) for component in components],
        }
        if process_code is not None:
            payload["processCode"] = process_code
        return self._calls.call(endpoints.CREATE_FORM, _process_code, payload=payload)

    # --- instances ------------------------------------------------------------------------------------

    def start_instance(
        self,
        *,
        process_code: str,
        originator: str,
        department_id: int,
        values: Sequence[FormValue],
        self_selected: Mapping[str, Sequence[str]] | None = None,
    ) -> str:
        """Starts an approval in this person's name; returns the instance id.

        There is no idempotency key: after ``OutcomeInDoubt`` list the instances since shortly before the call
        and compare ``forms.find_reference`` of each, before starting another.

        Args:
            department_id: one of the originator's, the root as -1 (``User.workflow_department_id``).
            self_selected: ``actor_key`` of each self-select node of the forecast -> userids.
        """
        payload: dict[str, Any] = {
            "originatorUserId": originator,
            "processCode": process_code,
            "deptId": department_id,
            "formComponentValues": [value.payload() for value in values],
        }
        if self_selected:
            payload["targetSelectActioners"] = [
                {"actionerKey": key, "actionerUserIds": list(userids)}
                for key, userids in self_selected.items()
            ]
        return self._calls.call(endpoints.START_INSTANCE, _instance_id, payload=payload)

    def instance(self, instance_id: str) -> InstanceSnapshot:
        """Raises InstanceNotFound."""
        return self._calls.call(
            endpoints.INSTANCE,
            lambda body: InstanceSnapshot.parse(instance_id, body),
            query={"processInstanceId": instance_id},
        )

    def terminate_instance(self, instance_id: str, *, operator: str | None = None, remark: str = "") -> None:
        """Withdraws an instance, as the app, or as this person (who must be its originator).

        Raises:
            RevokeTooEarly: in the first 15 seconds; RevokeNotAllowed: the template forbids it;
            InstanceFinished: it was decided or withdrawn before; InstanceNotFound.
        """
        payload: dict[str, Any] = {
            "processInstanceId": instance_id,
            "isSystem": operator is None,
            "remark": remark[:_LONGEST_TEXT],
        }
        if operator is not None:
            payload["operatingUserId"] = operator
        try:
            self._calls.call(endpoints.TERMINATE_INSTANCE, _done, payload=payload)
        except RevokeNotAllowed:
            raise
        except InstanceStateConflict as conflict:
            raise self._explained(instance_id, conflict) from conflict

    def _explained(self, instance_id: str, conflict: InstanceStateConflict) -> DingTalkError:
        """DingTalk has one code for "too early" and "already over", told apart by reading the instance."""
        try:
            running = self.instance(instance_id).running
        except InstanceNotFound as gone:
            return gone
        except DingTalkError:
            return InstanceStateConflict(conflict.answer)
        return (RevokeTooEarly if running else InstanceFinished)(conflict.answer)

    def list_instance_ids(
        self,
        process_code: str,
        *,
        since: datetime,
        until: datetime | None = None,
        userids: Sequence[str] = (),
        statuses: Sequence[str] = (),
    ) -> tuple[str, ...]:
        """The ids of this template's instances started in the window (at most 120 days and 10,000 ids)."""
        payload: dict[str, Any] = {
            "processCode": process_code,
            "startTime": _milliseconds(since),
            "maxResults": _IDS_A_PAGE,
        }
        if until is not None:
            payload["endTime"] = _milliseconds(until)
        if userids:
            payload["userIds"] = list(userids)
        if statuses:
            payload["statuses"] = list(statuses)
        found: dict[str, None] = {}
        cursor = "0"
        for _ in range(_MOST_PAGES):
            page = self._calls.call(
                endpoints.LIST_INSTANCE_IDS, Page.parse, payload={**payload, "nextToken": _cursor(cursor)}
            )
            found.update(dict.fromkeys(page.instance_ids))
            if _last(cursor, page):
                break
            cursor = page.next_token
        return tuple(found)

    def comment(self, instance_id: str, *, userid: str, text: str) -> None:
        """Adds a remark in this person's name; longer text than 1,024 characters is cut."""
        payload = {"processInstanceId": instance_id, "commentUserId": userid, "text": text[:_LONGEST_TEXT]}
        self._calls.call(endpoints.COMMENT, _done, payload=payload)

    def failed_callbacks(self) -> tuple[StreamEvent, ...]:
        """Events that DingTalk couldn't deliver to our address, three to five minutes after it gave up. DingTalk
        forgets what it shows here.

        https://open.dingtalk.com/document/orgapp/obtain-a-list-of-failed-push-events
        """
        found: list[StreamEvent] = []
        for _ in range(_MOST_PAGES):
            page = self._calls.call(endpoints.FAILED_CALLBACKS, FailedCallbacks.parse)
            found.extend(page.events)
            if not page.more or not page.events:
                break
        return tuple(found)

    def forecast(
        self, *, process_code: str, userid: str, department_id: int, values: Sequence[FormValue]
    ) -> Forecast:
        """The nodes an instance with these values would pass; shows where the originator must choose."""
        payload = {
            "processCode": process_code,
            "deptId": department_id,
            "userId": userid,
            "formComponentValues": [value.payload() for value in values],
        }
        return self._calls.call(endpoints.FORECAST, Forecast.parse, payload=payload)


def _last(cursor: str, page: Page) -> bool:
    """No further page; a cursor that doesn't move would go round for ever."""
    return page.next_token in {"", cursor}


def _cursor(cursor: str) -> int | str:
    """Asked for as a number and answered as a text; anything else goes back as it came."""
    return int(cursor) if cursor.isdecimal() else cursor


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _process_code(body: Json) -> str:
    return needed(obj(body.get("result")).get("processCode"))


def _instance_id(body: Json) -> str:
    return needed(body.get("instanceId"))


def _done(body: Json) -> None:
    if not flag(body.get("result")):
        raise Unreadable("success was not confirmed")
