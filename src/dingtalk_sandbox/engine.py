"""What happens to an approval: (instance, command) -> (instance, events), and nothing else.

No clock, no randomness, no network: the moment and the task ids come with the command. Events are
listed in the order in which DingTalk was seen to send them, which is not the order of cause and
effect: the next node's task start precedes the finish of the task that brought it about, and the
instance's finish precedes that of its last task.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from dingtalk_sandbox.model import (
    SYSTEM_ACTOR,
    ApprovalType,
    CcPosition,
    FlowNode,
    Instance,
    InstanceStatus,
    NodeMode,
    Record,
    RecordType,
    Task,
    TaskResult,
    TaskStatus,
)


class Refused(Exception):
    """The command does not fit the state of the instance or the task."""


class InstanceNotRunning(Refused):
    """The instance has finished or was withdrawn."""


class TaskNotRunning(Refused):
    """The task is not waiting for a decision."""


class NoSuchTask(Refused):
    """The instance has no such task."""


class NotTheActor(Refused):
    """Somebody else's task."""


class Decision(StrEnum):
    AGREE = "agree"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a command happens, and where the tasks it makes get their ids."""

    now: int
    next_task_id: Callable[[], int]


@dataclass(frozen=True, slots=True)
class InstanceEvent:
    """``type`` is start, finish, terminate or delete; ``result`` is set on finish only."""

    type: str
    result: str = ""


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """``type`` is start, finish or cancel; ``result`` is agree, refuse or redirect on finish."""

    type: str
    task: Task
    result: str = ""
    remark: str = ""


Event = InstanceEvent | TaskEvent


@dataclass(frozen=True, slots=True)
class Outcome:
    instance: Instance
    events: tuple[Event, ...]


def start(instance: Instance, moment: Moment) -> Outcome:
    """Begin: the originator's record, the copies sent at the start, and the first node."""
    run = _Run(instance, moment)
    run.record(instance.originator, RecordType.START)
    run.emit(InstanceEvent("start"))
    run.send_copies(CcPosition.START)
    run.open_nodes_from(0)
    return run.outcome()


def decide(
    instance: Instance, task_id: int, actor: str, decision: Decision, moment: Moment, *, remark: str = ""
) -> Outcome:
    """Agree to or refuse a task as the person it belongs to. Raises Refused."""
    run = _Run(instance, moment)
    task = run.running_task(task_id, actor)
    if decision is Decision.AGREE:
        run.agree(task, remark)
    else:
        run.refuse(task, remark)
    return run.outcome()


def redirect(
    instance: Instance, task_id: int, actor: str, to: str, moment: Moment, *, remark: str = ""
) -> Outcome:
    """Hand a task to somebody else (转交). Raises Refused."""
    run = _Run(instance, moment)
    task = run.running_task(task_id, actor)
    run.redirect(task, to, remark)
    return run.outcome()


def append(
    instance: Instance, task_id: int, actor: str, who: str, moment: Moment, *, before: bool, remark: str = ""
) -> Outcome:
    """Add an approver before or after a task (加签). Raises Refused."""
    run = _Run(instance, moment)
    task = run.running_task(task_id, actor)
    run.append(task, who, remark, before=before)
    return run.outcome()


def comment(instance: Instance, actor: str, text: str, moment: Moment) -> Outcome:
    """Add a remark. Allowed after the end too; sends no event."""
    run = _Run(instance, moment)
    run.record(actor, RecordType.REMARK, remark=text)
    return run.outcome()


def terminate(instance: Instance, actor: str, remark: str, moment: Moment) -> Outcome:
    """Withdraw a running instance. Raises InstanceNotRunning."""
    run = _Run(instance, moment)
    run.require_running()
    run.terminate(actor, remark)
    return run.outcome()


class _Run:
    """A working copy of one instance for the length of one command."""

    def __init__(self, instance: Instance, moment: Moment) -> None:
        self.instance = instance
        self.moment = moment
        self.tasks = list(instance.tasks)
        self.records = list(instance.records)
        self.events: list[Event] = []

    def outcome(self) -> Outcome:
        instance = replace(self.instance, tasks=tuple(self.tasks), records=tuple(self.records))
        return Outcome(instance, tuple(self.events))

    def emit(self, *events: Event) -> None:
        self.events.extend(events)

    def record(
        self,
        userid: str,
        type_: RecordType,
        *,
        result: TaskResult = TaskResult.NONE,
        remark: str = "",
        node: FlowNode | None = None,
        cc_users: tuple[str, ...] = (),
    ) -> None:
        self.records.append(
            Record(
                userid=userid,
                date=self.moment.now,
                type=type_,
                result=result,
                remark=remark,
                activity_id=node.activity_id if node else "",
                show_name=node.name if node else "",
                cc_users=cc_users,
            )
        )

    # --- looking things up

    def require_running(self) -> None:
        if self.instance.status is not InstanceStatus.RUNNING:
            raise InstanceNotRunning

    def running_task(self, task_id: int, actor: str) -> Task:
        self.require_running()
        task = next((task for task in self.tasks if task.task_id == task_id), None)
        if task is None:
            raise NoSuchTask
        if task.userid != actor:
            raise NotTheActor
        if task.status is not TaskStatus.RUNNING:
            raise TaskNotRunning
        return task

    def store(self, task: Task) -> Task:
        """Replace the task of the same id, or add it."""
        for index, known in enumerate(self.tasks):
            if known.task_id == task.task_id:
                self.tasks[index] = task
                return task
        self.tasks.append(task)
        return task

    def close(self, task: Task, status: TaskStatus, result: TaskResult, remark: str = "") -> Task:
        return self.store(
            replace(
                task, status=status, result=result, finished=self.moment.now, remark=remark, waits_for=None
            )
        )

    def new_task(self, userid: str, node: int, waits_for: int | None = None) -> Task:
        status = TaskStatus.RUNNING if waits_for is None else TaskStatus.NEW
        task = Task(
            task_id=self.moment.next_task_id(),
            userid=userid,
            node=node,
            status=status,
            created=self.moment.now,
            waits_for=waits_for,
        )
        self.store(task)
        if waits_for is None:
            self.emit(TaskEvent("start", task))
        return task

    # --- nodes

    def open_nodes_from(self, index: int) -> None:
        """Open nodes one after another until one needs a person, or the flow ends."""
        while index < len(self.instance.flow):
            self.instance = replace(self.instance, node=index)
            node = self.instance.flow[index]
            if node.approval_type is ApprovalType.AUTO_REFUSE:
                self.record(SYSTEM_ACTOR, RecordType.AUTO, result=TaskResult.REFUSE, node=node)
                self.finish(Decision.REFUSE)
                return
            if not self.node_agrees_by_itself(node):
                self.open_node(index, node)
                if any(task.live for task in self.tasks if task.node == index):
                    return
            index += 1
        self.finish(Decision.AGREE)

    def node_agrees_by_itself(self, node: FlowNode) -> bool:
        """A node set to agree, or with nobody in it, is agreed to by the system."""
        if node.approval_type is not ApprovalType.AUTO_AGREE and node.approvers:
            return False
        self.record(SYSTEM_ACTOR, RecordType.AUTO, result=TaskResult.AGREE, node=node)
        return True

    def open_node(self, index: int, node: FlowNode) -> None:
        automatic = [userid for userid in node.approvers if self.agrees_automatically(userid, node)]
        for userid in automatic:
            self.agree_automatically(userid, index, node)
        if automatic and node.mode is NodeMode.ANY:
            return
        previous: int | None = None
        for userid in node.approvers:
            if userid in automatic:
                continue
            task = self.new_task(userid, index, waits_for=previous)
            if node.mode is NodeMode.ONE_BY_ONE:
                previous = task.task_id

    def agrees_automatically(self, userid: str, node: FlowNode) -> bool:
        if node.auto_agree_originator and userid == self.instance.originator:
            return True
        return node.auto_agree_repeated and any(
            task.userid == userid and task.result is TaskResult.AGREE for task in self.tasks
        )

    def agree_automatically(self, userid: str, index: int, node: FlowNode) -> None:
        task = self.new_task(userid, index)
        task = self.close(task, TaskStatus.COMPLETED, TaskResult.AGREE)
        self.record(userid, RecordType.AUTO, result=TaskResult.AGREE, node=node)
        self.emit(TaskEvent("finish", task, Decision.AGREE))

    # --- decisions

    def agree(self, task: Task, remark: str) -> None:
        node = self.instance.flow[task.node]
        task = self.close(task, TaskStatus.COMPLETED, TaskResult.AGREE, remark)
        self.record(task.userid, RecordType.EXECUTE, result=TaskResult.AGREE, remark=remark, node=node)
        woken = self.wake_waiting(task.task_id)
        cancelled: list[Event] = []
        live = [other for other in self.tasks if other.node == task.node and other.live]
        if node.mode is NodeMode.ANY and not woken:
            cancelled = self.cancel(live, TaskStatus.CANCELED)
            live = []
        if not live:
            self.open_nodes_from(task.node + 1)
        self.emit(TaskEvent("finish", task, Decision.AGREE, remark), *cancelled)

    def wake_waiting(self, task_id: int) -> bool:
        waiting = [task for task in self.tasks if task.waits_for == task_id and task.live]
        for task in waiting:
            fresh = task.status is TaskStatus.NEW
            awake = self.store(replace(task, status=TaskStatus.RUNNING, waits_for=None))
            if fresh:
                self.emit(TaskEvent("start", awake))
        return bool(waiting)

    def cancel(self, tasks: list[Task], status: TaskStatus) -> list[Event]:
        return [TaskEvent("cancel", self.close(task, status, TaskResult.NONE)) for task in tasks]

    def refuse(self, task: Task, remark: str) -> None:
        node = self.instance.flow[task.node]
        task = self.close(task, TaskStatus.COMPLETED, TaskResult.REFUSE, remark)
        self.record(task.userid, RecordType.EXECUTE, result=TaskResult.REFUSE, remark=remark, node=node)
        cancelled = self.cancel([other for other in self.tasks if other.live], TaskStatus.CANCELED)
        self.finish(Decision.REFUSE)
        self.emit(TaskEvent("finish", task, Decision.REFUSE, remark), *cancelled)

    def redirect(self, task: Task, to: str, remark: str) -> None:
        node = self.instance.flow[task.node]
        task = self.close(task, TaskStatus.COMPLETED, TaskResult.REDIRECTED, remark)
        self.record(task.userid, RecordType.REDIRECT, remark=remark, node=node)
        self.emit(TaskEvent("finish", task, "redirect", remark))
        heir = self.new_task(to, task.node)
        for other in list(self.tasks):
            if other.waits_for == task.task_id:
                self.store(replace(other, waits_for=heir.task_id))

    def append(self, task: Task, who: str, remark: str, *, before: bool) -> None:
        node = self.instance.flow[task.node]
        if before:
            added = self.new_task(who, task.node)
            self.store(replace(task, status=TaskStatus.PAUSED, waits_for=added.task_id))
            self.record(task.userid, RecordType.APPEND_BEFORE, remark=remark, node=node)
            return
        added = self.new_task(who, task.node, waits_for=task.task_id)
        for other in list(self.tasks):
            if other.waits_for == task.task_id and other.task_id != added.task_id:
                self.store(replace(other, waits_for=added.task_id))
        self.record(task.userid, RecordType.APPEND_AFTER, remark=remark, node=node)

    # --- the end

    def send_copies(self, position: CcPosition) -> None:
        wanted = self.instance.cc_position
        if self.instance.cc_users and wanted in {position, CcPosition.START_FINISH}:
            self.record(SYSTEM_ACTOR, RecordType.CC, cc_users=self.instance.cc_users)

    def finish(self, result: Decision) -> None:
        self.instance = replace(
            self.instance,
            status=InstanceStatus.COMPLETED,
            result=result.value,
            finished=self.moment.now,
        )
        if result is Decision.AGREE:
            self.send_copies(CcPosition.FINISH)
        self.emit(InstanceEvent("finish", result))

    def terminate(self, actor: str, remark: str) -> None:
        cancelled = self.cancel([task for task in self.tasks if task.live], TaskStatus.TERMINATED)
        self.record(actor, RecordType.TERMINATE, remark=remark)
        self.instance = replace(
            self.instance, status=InstanceStatus.TERMINATED, result="", finished=self.moment.now
        )
        self.emit(InstanceEvent("terminate"), *cancelled)
