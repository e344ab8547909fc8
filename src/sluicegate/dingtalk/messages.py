"""Work notifications (工作通知): the app's messages to single people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sluicegate.dingtalk import endpoints
from sluicegate.dingtalk.auth import AppCalls
from sluicegate.dingtalk.errors import InvalidRequest
from sluicegate.dingtalk.models import SendResult
from sluicegate.dingtalk.wire import Json, needed

LARGEST_MESSAGE = 2048
"""Bytes of a message's JSON."""

MOST_RECIPIENTS = 100
_LONGEST_BUTTON = 20


@dataclass(frozen=True)
class WorkNotification:
    """A card with a title, Markdown and one button.

    DingTalk delivers the same content to the same person once a day only, and says nothing when it doesn't:
    put the ticket's number and the time into it.
    """

    title: str
    markdown: str
    button: str
    url: str

    def payload(self) -> dict[str, Any]:
        return {
            "msgtype": "action_card",
            "action_card": {
                "title": self.title,
                "markdown": self.markdown,
                "single_title": self.button[:_LONGEST_BUTTON],
                "single_url": self.url,
            },
        }

    def fitted(self) -> WorkNotification:
        """The same, its Markdown cut so that the whole stays within the limit; the button still leads on."""
        over = _size(self) - LARGEST_MESSAGE
        if over <= 0:
            return self
        low, high = 0, len(self.markdown)
        while low < high:
            middle = (low + high + 1) // 2
            if _size(self._cut(middle)) <= LARGEST_MESSAGE:
                low = middle
            else:
                high = middle - 1
        return self._cut(low)

    def _cut(self, length: int) -> WorkNotification:
        return replace(self, markdown=self.markdown[:length] + "…")


def _size(message: WorkNotification) -> int:
    return len(json.dumps(message.payload(), ensure_ascii=False).encode())


class MessageCalls:
    """The part of the client that sends messages."""

    _calls: AppCalls

    def send_work_notification(self, userids: Sequence[str], message: WorkNotification) -> str:
        """Hands a message over; returns the task id for ``send_result``, which alone says who got it.

        Raises:
            InvalidRequest: no recipient, or more than 100.
        """
        if not 0 < len(userids) <= MOST_RECIPIENTS:
            raise InvalidRequest(code="dingtalk_recipients", limit=MOST_RECIPIENTS, given=len(userids))
        payload = {
            "agent_id": self._calls.credentials.agent_id,
            "userid_list": ",".join(userids),
            "msg": message.fitted().payload(),
        }
        return self._calls.call(endpoints.SEND_WORK_NOTIFICATION, _task_id, payload=payload)

    def send_result(self, task_id: str) -> SendResult:
        """What became of a message; kept for 24 hours."""
        payload = {"agent_id": self._calls.credentials.agent_id, "task_id": task_id}
        return self._calls.call(endpoints.SEND_RESULT, SendResult.parse, payload=payload)


def _task_id(body: Json) -> str:
    return needed(body.get("task_id"))
