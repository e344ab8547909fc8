"""An approval instance as DingTalk shows it now: the only truth about a decision."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sluicegate.dingtalk.wire import Json, moment, needed, obj, objects, text

RUNNING_STATES = frozenset({"NEW", "RUNNING"})


@dataclass(frozen=True)
class OperationRecord:
    """One thing somebody did. ``userid`` can be ``bpms_system``; ``kind`` as the vendor names it.

    Kinds: START_PROCESS_INSTANCE, EXECUTE_TASK_NORMAL, EXECUTE_TASK_AGENT, EXECUTE_TASK_AUTO, APPEND_TASK_BEFORE,
    APPEND_TASK_AFTER, REDIRECT_TASK, TERMINATE_PROCESS_INSTANCE, FINISH_PROCESS_INSTANCE, ADD_REMARK,
    REDIRECT_PROCESS, PROCESS_CC, and what may be added. ``result``: AGREE, REFUSE, NONE.
    """

    userid: str
    kind: str
    result: str
    remark: str
    activity_id: str
    activity_name: str
    at: datetime | None

    @property
    def automatic(self) -> bool:
        """Decided by a rule of the template, not by a person."""
        return self.kind == "EXECUTE_TASK_AUTO" or self.userid == "bpms_system"

    @classmethod
    def parse(cls, found: Json) -> OperationRecord:
        return cls(
            userid=text(found.get("userId")),
            kind=text(found.get("type")).upper(),
            result=text(found.get("result")).upper(),
            remark=text(found.get("remark")),
            activity_id=text(found.get("activityId")),
            activity_name=text(found.get("showName")),
            at=moment(found.get("date")),
        )


@dataclass(frozen=True)
class ApprovalTask:
    """One approver's turn.

    ``status``: NEW, RUNNING, PAUSED, CANCELED, COMPLETED, TERMINATED; ``result``: AGREE, REFUSE, REDIRECTED, NONE;
    others are kept as they come. ``activity_name`` and ``remark`` are matched from the records.
    """

    task_id: str
    userid: str
    status: str
    result: str
    activity_id: str
    activity_name: str
    remark: str
    created_at: datetime | None
    finished_at: datetime | None
    pc_url: str
    mobile_url: str

    @classmethod
    def parse(cls, found: Json, records: Sequence[OperationRecord]) -> ApprovalTask:
        userid, activity_id = text(found.get("userId")), text(found.get("activityId"))
        record = _record_of(userid, activity_id, records)
        names = (r.activity_name for r in records if r.activity_id == activity_id and r.activity_name)
        return cls(
            task_id=text(found.get("taskId")),
            userid=userid,
            status=text(found.get("status")).upper(),
            result=text(found.get("result")).upper(),
            activity_id=activity_id,
            activity_name=next(names, "") if activity_id else "",
            remark=record.remark if record else "",
            created_at=moment(found.get("createTime")),
            finished_at=moment(found.get("finishTime")),
            pc_url=text(found.get("pcUrl")),
            mobile_url=text(found.get("mobileUrl")),
        )


def _record_of(userid: str, activity_id: str, records: Sequence[OperationRecord]) -> OperationRecord | None:
    """The latest execution by this person at this node; records without a node match by the person alone."""
    for record in reversed(records):
        same_node = not (record.activity_id and activity_id) or record.activity_id == activity_id
        if record.kind.startswith("EXECUTE_TASK") and record.userid == userid and same_node:
            return record
    return None


@dataclass(frozen=True)
class InstanceSnapshot:
    """One instance at the moment of asking.

    ``status``: RUNNING, COMPLETED, TERMINATED (old pages: NEW, CANCELED), else as it comes. ``result``: agree,
    refuse, or None while undecided. Times are for display: their zone is not reliable, never order by them.
    """

    instance_id: str
    title: str
    status: str
    result: str | None
    business_id: str
    originator: str
    originator_department_id: str
    values: dict[str, str]
    records: tuple[OperationRecord, ...]
    tasks: tuple[ApprovalTask, ...]
    created_at: datetime | None
    finished_at: datetime | None

    @property
    def running(self) -> bool:
        return self.status in RUNNING_STATES

    @property
    def agreed(self) -> bool:
        """Agreed by the whole flow: a refusal is COMPLETED too."""
        return self.status == "COMPLETED" and self.result == "agree"

    @property
    def refused(self) -> bool:
        return self.status == "COMPLETED" and self.result == "refuse"

    @property
    def withdrawn(self) -> bool:
        return self.status in {"TERMINATED", "CANCELED"}

    @classmethod
    def parse(cls, instance_id: str, body: Json) -> InstanceSnapshot:
        found = obj(body.get("result"))
        records = tuple(OperationRecord.parse(one) for one in objects(found.get("operationRecords")))
        return cls(
            instance_id=instance_id,
            title=text(found.get("title")),
            status=needed(found.get("status")).upper(),
            result=text(found.get("result")).lower() or None,
            business_id=text(found.get("businessId")),
            originator=text(found.get("originatorUserId")),
            originator_department_id=text(found.get("originatorDeptId")),
            values={
                text(one.get("name")): _shown(one.get("value"))
                for one in objects(found.get("formComponentValues"))
            },
            records=records,
            tasks=tuple(ApprovalTask.parse(one, records) for one in objects(found.get("tasks"))),
            created_at=moment(found.get("createTime")),
            finished_at=moment(found.get("finishTime")),
        )


def _shown(value: object) -> str:
    """A control's value; those of rich controls may come as JSON instead of text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else text(value)
