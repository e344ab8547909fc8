"""The values a DingTalk company is made of. Times are milliseconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

ROOT_DEPT = 1
"""The root department's id in contacts."""
WORKFLOW_ROOT_DEPT = -1
"""The same department's id in the workflow API."""
SYSTEM_ACTOR = "bpms_system"


@dataclass(frozen=True, slots=True)
class CallbackConfig:
    """Where events go over HTTP, and the keys they are sealed with."""

    url: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)


@dataclass(slots=True)
class App:
    """An internal app. ``scopes`` and ``ip_whitelist`` of None permit everything."""

    app_key: str
    app_secret: str = field(repr=False)
    corp_id: str
    agent_id: int
    name: str
    scopes: frozenset[str] | None = None
    ip_whitelist: tuple[str, ...] | None = None
    authed_depts: tuple[int, ...] = (ROOT_DEPT,)
    event_filters: tuple[str, ...] = ("*",)
    redirect_uris: tuple[str, ...] | None = None
    callback: CallbackConfig | None = None


@dataclass(slots=True)
class Department:
    dept_id: int
    name: str
    parent_id: int | None


@dataclass(slots=True)
class User:
    """``active`` is false for somebody who has left the company."""

    userid: str
    unionid: str
    name: str
    mobile: str
    dept_id_list: tuple[int, ...]
    title: str = ""
    email: str = ""
    manager_userid: str = ""
    leader_of: tuple[int, ...] = ()
    active: bool = True
    admin: bool = False
    hide_mobile: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """One control of a form. ``children`` are the columns of a TableField."""

    id: str
    component_type: str
    label: str
    required: bool = False
    placeholder: str = ""
    disabled: bool = False
    biz_alias: str = ""
    options: tuple[str, ...] = ()
    children: tuple[Control, ...] = ()


class NodeMode(StrEnum):
    """How the approvers of one node decide together."""

    ALL = "AND"
    ANY = "OR"
    ONE_BY_ONE = "ONE_BY_ONE"


class ApprovalType(StrEnum):
    MANUAL = "MANUAL"
    AUTO_AGREE = "AUTO_AGREE"
    AUTO_REFUSE = "AUTO_REFUSE"


@dataclass(frozen=True, slots=True)
class FlowNode:
    """One step of a flow. With ``self_select`` the originator names the approvers at submission."""

    activity_id: str
    name: str
    mode: NodeMode
    approvers: tuple[str, ...] = ()
    approval_type: ApprovalType = ApprovalType.MANUAL
    self_select: bool = False
    selection_range: tuple[str, ...] | None = None
    allowed_multi: bool = True
    auto_agree_originator: bool = False
    auto_agree_repeated: bool = False

    @property
    def actor_key(self) -> str:
        return f"manual_{self.activity_id}"


class TemplateStatus(StrEnum):
    PUBLISHED = "PUBLISHED"
    INVALID = "INVALID"
    SAVED = "SAVED"


@dataclass(slots=True)
class Template:
    process_code: str
    name: str
    description: str
    creator: str
    controls: tuple[Control, ...]
    flow: tuple[FlowNode, ...]
    created: int
    modified: int
    status: TemplateStatus = TemplateStatus.PUBLISHED
    allow_revoke: bool = True
    visible_to: tuple[str, ...] | None = None
    cc_users: tuple[str, ...] = ()


class InstanceStatus(StrEnum):
    RUNNING = "RUNNING"
    TERMINATED = "TERMINATED"
    COMPLETED = "COMPLETED"


class TaskStatus(StrEnum):
    NEW = "NEW"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    CANCELED = "CANCELED"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


LIVE_TASKS = frozenset({TaskStatus.NEW, TaskStatus.RUNNING, TaskStatus.PAUSED})


class TaskResult(StrEnum):
    AGREE = "AGREE"
    REFUSE = "REFUSE"
    REDIRECTED = "REDIRECTED"
    NONE = "NONE"


class RecordType(StrEnum):
    START = "START_PROCESS_INSTANCE"
    EXECUTE = "EXECUTE_TASK_NORMAL"
    AUTO = "EXECUTE_TASK_AUTO"
    APPEND_BEFORE = "APPEND_TASK_BEFORE"
    APPEND_AFTER = "APPEND_TASK_AFTER"
    REDIRECT = "REDIRECT_TASK"
    TERMINATE = "TERMINATE_PROCESS_INSTANCE"
    REMARK = "ADD_REMARK"
    CC = "PROCESS_CC"


@dataclass(frozen=True, slots=True)
class Task:
    """One person's part in a node. It runs once the task ``waits_for`` names has been agreed to."""

    task_id: int
    userid: str
    node: int
    status: TaskStatus
    created: int
    result: TaskResult = TaskResult.NONE
    finished: int | None = None
    waits_for: int | None = None
    remark: str = ""

    @property
    def live(self) -> bool:
        return self.status in LIVE_TASKS


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the instance's history."""

    userid: str
    date: int
    type: RecordType
    result: TaskResult = TaskResult.NONE
    remark: str = ""
    activity_id: str = ""
    show_name: str = ""
    cc_users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormValue:
    """What was submitted in one control; a table's value is kept in the format it is read in."""

    id: str
    name: str
    value: str
    ext_value: str
    component_type: str
    biz_alias: str = ""


class CcPosition(StrEnum):
    START = "START"
    FINISH = "FINISH"
    START_FINISH = "START_FINISH"


@dataclass(frozen=True, slots=True)
class Instance:
    """One approval. ``node`` is the index in ``flow`` that is being decided."""

    instance_id: str
    business_id: str
    process_code: str
    title: str
    originator: str
    dept_id: int
    values: tuple[FormValue, ...]
    flow: tuple[FlowNode, ...]
    created: int
    api_approvers: tuple[str, ...] = ()
    cc_users: tuple[str, ...] = ()
    cc_position: CcPosition = CcPosition.FINISH
    status: InstanceStatus = InstanceStatus.RUNNING
    result: str = ""
    finished: int | None = None
    node: int = 0
    tasks: tuple[Task, ...] = ()
    records: tuple[Record, ...] = ()

    def task(self, task_id: int) -> Task | None:
        return next((task for task in self.tasks if task.task_id == task_id), None)
