"""The instance engine on its own: no server, no clock."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from dingtalk_sandbox import engine
from dingtalk_sandbox.engine import Decision, Event, InstanceEvent, Moment, Outcome, TaskEvent
from dingtalk_sandbox.model import (
    SYSTEM_ACTOR,
    ApprovalType,
    CcPosition,
    FlowNode,
    Instance,
    InstanceStatus,
    NodeMode,
    RecordType,
    TaskStatus,
)

_ids = itertools.count(1)


def moment(now: int = 1000) -> Moment:
    return Moment(now, lambda: next(_ids))


def node(mode: NodeMode, *people: str, name: str = "n") -> FlowNode:
    return FlowNode(f"act_{name}", name, mode, people)


def begin(*flow: FlowNode, cc: tuple[str, ...] = (), position: CcPosition = CcPosition.FINISH) -> Outcome:
    instance = Instance(
        instance_id="i",
        business_id="b",
        process_code="PROC",
        title="t",
        originator="dev",
        dept_id=-1,
        values=(),
        flow=flow,
        created=1000,
        cc_users=cc,
        cc_position=position,
    )
    return engine.start(instance, moment())


def task_of(instance: Instance, who: str) -> int:
    return next(task.task_id for task in instance.tasks if task.userid == who and task.live)


def act(instance: Instance, who: str, decision: Decision = Decision.AGREE, remark: str = "") -> Outcome:
    return engine.decide(instance, task_of(instance, who), who, decision, moment(2000), remark=remark)


def told(events: tuple[Event, ...]) -> list[str]:
    """Events as ``instance start`` or ``lead finish agree``."""
    lines = []
    for event in events:
        who = "instance" if isinstance(event, InstanceEvent) else event.task.userid
        lines.append(f"{who} {event.type} {event.result}".strip())
    return lines


def statuses(instance: Instance) -> dict[str, str]:
    return {task.userid: f"{task.status} {task.result}" for task in instance.tasks}


def test_starting_opens_the_first_node_only() -> None:
    outcome = begin(node(NodeMode.ALL, "a", "b"), node(NodeMode.ALL, "c"))
    assert told(outcome.events) == ["instance start", "a start", "b start"]
    assert outcome.instance.status is InstanceStatus.RUNNING
    assert [record.type for record in outcome.instance.records] == [RecordType.START]


def test_all_must_agree_and_the_end_is_told_before_the_last_task() -> None:
    outcome = act(begin(node(NodeMode.ALL, "a", "b")).instance, "a")
    assert told(outcome.events) == ["a finish agree"]
    assert outcome.instance.status is InstanceStatus.RUNNING
    outcome = act(outcome.instance, "b")
    assert told(outcome.events) == ["instance finish agree", "b finish agree"]
    assert (outcome.instance.status, outcome.instance.result) == (InstanceStatus.COMPLETED, "agree")
    assert outcome.instance.finished == 2000


def test_the_next_node_is_told_before_the_task_that_brought_it_about() -> None:
    outcome = act(begin(node(NodeMode.ANY, "a"), node(NodeMode.ANY, "b")).instance, "a")
    assert told(outcome.events) == ["b start", "a finish agree"]


def test_any_of_them_is_enough_and_the_others_are_cancelled() -> None:
    outcome = act(begin(node(NodeMode.ANY, "a", "b", "c")).instance, "b")
    assert told(outcome.events) == ["instance finish agree", "b finish agree", "a cancel", "c cancel"]
    assert statuses(outcome.instance) == {
        "a": "CANCELED NONE",
        "b": "COMPLETED AGREE",
        "c": "CANCELED NONE",
    }


def test_one_by_one_wakes_the_next_person() -> None:
    outcome = begin(node(NodeMode.ONE_BY_ONE, "a", "b"))
    assert told(outcome.events) == ["instance start", "a start"]
    assert statuses(outcome.instance) == {"a": "RUNNING NONE", "b": "NEW NONE"}
    with pytest.raises(engine.TaskNotRunning):
        act(outcome.instance, "b")
    outcome = act(outcome.instance, "a")
    assert told(outcome.events) == ["b start", "a finish agree"]
    assert act(outcome.instance, "b").instance.result == "agree"


@pytest.mark.parametrize("mode", list(NodeMode))
def test_one_refusal_ends_it(mode: NodeMode) -> None:
    started = begin(node(mode, "a", "b"), node(NodeMode.ALL, "c")).instance
    outcome = act(started, "a", Decision.REFUSE, "no")
    assert told(outcome.events) == ["instance finish refuse", "a finish refuse", "b cancel"]
    assert (outcome.instance.status, outcome.instance.result) == (InstanceStatus.COMPLETED, "refuse")
    assert outcome.instance.records[-1].remark == "no"
    assert not any(task.live for task in outcome.instance.tasks)


def test_a_task_handed_over_belongs_to_somebody_else() -> None:
    started = begin(node(NodeMode.ONE_BY_ONE, "a", "b")).instance
    outcome = engine.redirect(started, task_of(started, "a"), "a", "x", moment(), remark="holiday")
    assert told(outcome.events) == ["a finish redirect", "x start"]
    with pytest.raises(engine.TaskNotRunning):
        act(outcome.instance, "b")
    outcome = act(act(outcome.instance, "x").instance, "b")
    assert outcome.instance.result == "agree"
    assert statuses(outcome.instance)["a"] == "COMPLETED REDIRECTED"


def test_an_approver_added_before_decides_first() -> None:
    started = begin(node(NodeMode.ALL, "a")).instance
    outcome = engine.append(started, task_of(started, "a"), "a", "x", moment(), before=True)
    assert statuses(outcome.instance) == {"a": "PAUSED NONE", "x": "RUNNING NONE"}
    with pytest.raises(engine.TaskNotRunning):
        act(outcome.instance, "a")
    outcome = act(outcome.instance, "x")
    assert outcome.instance.status is InstanceStatus.RUNNING
    assert act(outcome.instance, "a").instance.result == "agree"


@pytest.mark.parametrize("mode", list(NodeMode))
def test_an_approver_added_after_decides_before_the_node_ends(mode: NodeMode) -> None:
    started = begin(node(mode, "a")).instance
    outcome = engine.append(started, task_of(started, "a"), "a", "x", moment(), before=False)
    outcome = act(outcome.instance, "a")
    assert outcome.instance.status is InstanceStatus.RUNNING
    assert told(outcome.events) == ["x start", "a finish agree"]
    assert act(outcome.instance, "x").instance.result == "agree"


@pytest.mark.parametrize(
    ("approval", "result"), [(ApprovalType.AUTO_AGREE, "agree"), (ApprovalType.AUTO_REFUSE, "refuse")]
)
def test_nodes_that_decide_by_themselves(approval: ApprovalType, result: str) -> None:
    outcome = begin(replace(node(NodeMode.ANY, "a"), approval_type=approval))
    assert outcome.instance.result == result
    assert outcome.instance.records[-1].type is RecordType.AUTO
    assert outcome.instance.records[-1].userid == SYSTEM_ACTOR
    assert told(outcome.events) == ["instance start", f"instance finish {result}"]


def test_a_node_with_nobody_in_it_agrees() -> None:
    assert begin(node(NodeMode.ALL)).instance.result == "agree"


def test_the_originator_agrees_automatically_where_the_node_says_so() -> None:
    outcome = begin(replace(node(NodeMode.ALL, "dev", "a"), auto_agree_originator=True))
    assert statuses(outcome.instance) == {"dev": "COMPLETED AGREE", "a": "RUNNING NONE"}
    assert [r.type for r in outcome.instance.records if r.userid == "dev"][-1] is RecordType.AUTO


def test_who_agreed_before_is_not_asked_again_where_the_node_says_so() -> None:
    second = replace(node(NodeMode.ALL, "a"), auto_agree_repeated=True)
    outcome = act(begin(node(NodeMode.ALL, "a"), second).instance, "a")
    assert outcome.instance.result == "agree"


def test_withdrawing_ends_every_task() -> None:
    started = begin(node(NodeMode.ALL, "a", "b")).instance
    outcome = engine.terminate(started, "dev", "changed my mind", moment(3000))
    assert outcome.instance.status is InstanceStatus.TERMINATED
    assert outcome.instance.result == ""
    assert {task.status for task in outcome.instance.tasks} == {TaskStatus.TERMINATED}
    assert told(outcome.events) == ["instance terminate", "a cancel", "b cancel"]


def test_after_the_end_nothing_can_be_decided_but_comments_are_taken() -> None:
    ended = act(begin(node(NodeMode.ANY, "a")).instance, "a").instance
    with pytest.raises(engine.InstanceNotRunning):
        engine.decide(ended, ended.tasks[0].task_id, "a", Decision.AGREE, moment())
    with pytest.raises(engine.InstanceNotRunning):
        engine.terminate(ended, "dev", "", moment())
    commented = engine.comment(ended, "dev", "done", moment())
    assert commented.instance.records[-1].remark == "done"
    assert commented.events == ()


def test_a_task_is_decided_once_and_by_its_owner() -> None:
    started = begin(node(NodeMode.ALL, "a", "b")).instance
    task_id = task_of(started, "a")
    with pytest.raises(engine.NotTheActor):
        engine.decide(started, task_id, "b", Decision.AGREE, moment())
    with pytest.raises(engine.NoSuchTask):
        engine.decide(started, -1, "a", Decision.AGREE, moment())
    agreed = act(started, "a").instance
    with pytest.raises(engine.TaskNotRunning):
        engine.decide(agreed, task_id, "a", Decision.REFUSE, moment())


@pytest.mark.parametrize(
    ("position", "expected"),
    [(CcPosition.START, (1, 1)), (CcPosition.FINISH, (0, 1)), (CcPosition.START_FINISH, (1, 2))],
)
def test_copies_are_sent_when_asked_for(position: CcPosition, expected: tuple[int, int]) -> None:
    def copies(instance: Instance) -> int:
        return sum(record.type is RecordType.CC for record in instance.records)

    started = begin(node(NodeMode.ANY, "a"), cc=("x",), position=position).instance
    assert (copies(started), copies(act(started, "a").instance)) == expected


def test_commands_leave_the_instance_they_were_given_alone() -> None:
    started = begin(node(NodeMode.ALL, "a", "b"))
    before = started.instance
    act(before, "a")
    assert before == started.instance
    assert isinstance(started.events[1], TaskEvent)
    assert started.events[1].task.status is TaskStatus.RUNNING
