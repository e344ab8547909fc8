"""``/_sandbox``: act on approvals without DingTalk's rules of who may."""

from __future__ import annotations

from dingtalk_sandbox import engine
from dingtalk_sandbox.control_base import ControlError, Sandbox
from dingtalk_sandbox.control_views import instance_view
from dingtalk_sandbox.engine import Decision, InstanceEvent, Outcome
from dingtalk_sandbox.instances import describe
from dingtalk_sandbox.model import (
    SYSTEM_ACTOR,
    Instance,
    Task,
)
from dingtalk_sandbox.wire import Fields, JsonObject


def _found(box: Sandbox, path: dict[str, str]) -> Instance:
    instance = box.world.instances.get(path["instance_id"])
    if instance is None:
        raise ControlError(404, "no such instance")
    return instance


def _found_task(box: Sandbox, path: dict[str, str]) -> tuple[Instance, Task]:
    instance = _found(box, path)
    task = instance.task(int(path["task_id"]))
    if task is None:
        raise ControlError(404, "no such task")
    return instance, task


def get_instance(box: Sandbox, _data: Fields, path: dict[str, str]) -> JsonObject:
    corp_id = next((app.corp_id for app in box.world.apps.values()), "")
    return describe(box.world, _found(box, path), corp_id)


def decide(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """Decide a task as whoever it belongs to."""
    instance, task = _found_task(box, path)
    decision = Decision(data.text("result"))
    outcome = engine.decide(
        instance, task.task_id, task.userid, decision, box.world.moment(), remark=data.text("remark")
    )
    return instance_view(box.world.apply(outcome))


def _heir(box: Sandbox, data: Fields) -> str:
    userid = data.need_text("to")
    if box.world.employed(userid) is None:
        raise ControlError(400, f"no such user: {userid}")
    return userid


def redirect(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    instance, task = _found_task(box, path)
    heir = _heir(box, data)
    outcome = engine.redirect(
        instance, task.task_id, task.userid, heir, box.world.moment(), remark=data.text("remark")
    )
    return instance_view(box.world.apply(outcome))


def append(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """加签: ``to`` decides ``before`` (default) or after the task's owner."""
    instance, task = _found_task(box, path)
    outcome = engine.append(
        instance,
        task.task_id,
        task.userid,
        _heir(box, data),
        box.world.moment(),
        remark=data.text("remark"),
        before=data.flag("before") is not False,
    )
    return instance_view(box.world.apply(outcome))


def comment(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    instance = _found(box, path)
    outcome = engine.comment(instance, data.need_text("userid"), data.need_text("text"), box.world.moment())
    return instance_view(box.world.apply(outcome))


def terminate(box: Sandbox, data: Fields, path: dict[str, str]) -> JsonObject:
    """Withdraw at once, whatever the 15 seconds and the template's switch say."""
    instance = _found(box, path)
    actor = data.text("userid", SYSTEM_ACTOR)
    outcome = engine.terminate(instance, actor, data.text("remark"), box.world.moment())
    return instance_view(box.world.apply(outcome))


def delete_instance(box: Sandbox, _data: Fields, path: dict[str, str]) -> JsonObject:
    instance = _found(box, path)
    box.world.apply(Outcome(instance, (InstanceEvent("delete"),)))
    box.world.forget(instance)
    return {"ok": True}
