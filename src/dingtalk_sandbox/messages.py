"""Messages to people: work notifications, the robot's, and a group's webhook (section 6)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections import Counter

from dingtalk_sandbox import errors, ids
from dingtalk_sandbox.api import Endpoint, Routes
from dingtalk_sandbox.errors import Refusal, bad
from dingtalk_sandbox.store import Notice, World
from dingtalk_sandbox.wire import BadField, Call, JsonObject

MAX_USERS = 100
MAX_DEPARTMENTS = 20
MAX_MESSAGE_BYTES = 2048
DAILY_CAP = 500
DAY = 24 * 3600 * 1000
ROBOT_SECRET = "SEC000000000000000000000000000000000000000000000000000000000000demo"  # noqa: S105  only opens this sandbox
HOUR_MS = 3600 * 1000


def _csv(call: Call, name: str) -> list[str]:
    return [part.strip() for part in call.param(name).split(",") if part.strip()]


def _message(call: Call) -> JsonObject:
    """``msg`` is an object in JSON, and a string holding one in a form."""
    if not call.content_type.startswith("application/x-www-form-urlencoded"):
        try:
            return call.body.sub("msg").dump()
        except BadField:
            pass  # some callers send JSON with a string in it; read below
    try:
        value = json.loads(call.body.text("msg") or "null")
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {}


def _recipients(world: World, call: Call) -> list[str]:
    userids, departments = _csv(call, "userid_list"), _csv(call, "dept_id_list")
    if len(userids) > MAX_USERS or len(departments) > MAX_DEPARTMENTS:
        raise Refusal(errors.BAD_PARAMETER)
    everybody = call.param("to_all_user").lower() == "true" if "to_all_user" in call.body else False
    members = [
        user.userid
        for user in world.users.values()
        if user.active and (everybody or any(str(dept) in departments for dept in user.dept_id_list))
    ]
    found = [userid for userid in userids if world.employed(userid)]
    return list(dict.fromkeys(found + members))


def send_notification(world: World, call: Call) -> JsonObject:
    """``asyncsend_v2``. Beyond the limits it still answers 0; only the result tells."""
    if call.param("agent_id") != str(call.app.agent_id):
        raise Refusal(errors.old(400002, "无效的agent_id"))
    message = _message(call)
    if not message.get("msgtype"):
        raise Refusal(errors.BAD_PARAMETER)
    if len(json.dumps(message, ensure_ascii=False).encode()) > MAX_MESSAGE_BYTES:
        raise Refusal(errors.old(400002, "msg长度超过限制"))
    recipients = _recipients(world, call)
    if not recipients:
        raise Refusal(errors.old(33012, "无效的USERID"))
    delivered, forbidden = _within_limits(world, recipients, message)
    invalid = tuple(userid for userid in _csv(call, "userid_list") if not world.employed(userid))
    task_id = 250_000_000_000 + world.number()
    world.notices.append(Notice(task_id, world.now(), "work", delivered, message, forbidden, invalid))
    return {"errcode": 0, "errmsg": "ok", "task_id": task_id, "request_id": ids.old_request_id()}


def _within_limits(
    world: World, recipients: list[str], message: JsonObject
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The same message once a day per person, and not more than the daily cap."""
    since = world.now() - DAY
    today = [notice for notice in world.notices if notice.channel == "work" and notice.at >= since]
    had = {userid for notice in today if notice.message == message for userid in notice.to}
    counts = Counter(userid for notice in today for userid in notice.to)
    delivered: list[str] = []
    forbidden: list[tuple[str, str]] = []
    for userid in recipients:
        if userid in had:
            forbidden.append((userid, "143106"))
        elif counts[userid] >= DAILY_CAP:
            forbidden.append((userid, "143105"))
        else:
            delivered.append(userid)
    return tuple(delivered), tuple(forbidden)


def _sent(world: World, call: Call) -> Notice:
    task_id = call.param("task_id")
    notice = next((known for known in world.notices if str(known.task_id) == task_id), None)
    if notice is None or call.param("agent_id") != str(call.app.agent_id):
        raise Refusal(errors.BAD_PARAMETER)
    return notice


def send_result(world: World, call: Call) -> JsonObject:
    notice = _sent(world, call)
    result = {
        "invalid_user_id_list": list(notice.invalid),
        "forbidden_user_id_list": [userid for userid, _ in notice.forbidden],
        "failed_user_id_list": [],
        "read_user_id_list": [],
        "unread_user_id_list": list(notice.to),
        "invalid_dept_id_list": [],
        "forbidden_list": [{"code": code, "count": 1, "userid": userid} for userid, code in notice.forbidden],
    }
    return {"errcode": 0, "errmsg": "ok", "request_id": ids.old_request_id(), "send_result": result}


def send_progress(world: World, call: Call) -> JsonObject:
    _sent(world, call)
    progress = {"progress_in_percent": 100, "status": 2}
    return {"errcode": 0, "errmsg": "ok", "request_id": ids.old_request_id(), "progress": progress}


def send_to_group(world: World, call: Call) -> JsonObject:
    """``/robot/send``: any access_token of 64 hex characters is a group; a sign must fit if given."""
    token = call.query.text("access_token")
    if len(token) != 64:
        raise Refusal(errors.old(300005, "token is not exist"))
    timestamp, signature = call.query.text("timestamp"), call.query.text("sign")
    if timestamp or signature:
        _check_signature(timestamp, signature)
    message = call.body.dump()
    if not call.body.text("msgtype"):
        raise Refusal(errors.old(400101, "msgtype is null"))
    world.notices.append(Notice(world.number(), world.now(), "group", (token[:8],), message))
    return {"errcode": 0, "errmsg": "ok"}


def _check_signature(timestamp: str, signature: str) -> None:
    if not timestamp.isdigit() or abs(time.time() * 1000 - int(timestamp)) > HOUR_MS:
        raise Refusal(errors.old(310000, "invalid timestamp"))
    text = f"{timestamp}\n{ROBOT_SECRET}".encode()
    expected = base64.b64encode(hmac.new(ROBOT_SECRET.encode(), text, hashlib.sha256).digest()).decode()
    if not secrets.compare_digest(expected, signature):
        raise Refusal(errors.old(310000, "sign not match"))


def send_by_robot(world: World, call: Call) -> JsonObject:
    """``oToMessages/batchSend``: the robot writes to people one by one."""
    call.body.need_text("robotCode")
    key = call.body.need_text("msgKey")
    userids = call.body.texts("userIds")
    if len(userids) > 20:
        raise Refusal(bad("invalidParameter.userIds.tooLong", "userIds长度不能超过100"))
    try:
        parameters = json.loads(call.body.need_text("msgParam"))
    except ValueError as error:
        raise Refusal(bad("invalidParameter.msgParam.invalid", "msgParam不是合法的JSON")) from error
    known = tuple(userid for userid in userids if world.employed(userid))
    world.notices.append(
        Notice(world.number(), world.now(), "robot", known, {"msgKey": key, "msgParam": parameters})
    )
    return {
        "processQueryKey": ids.token(),
        "invalidStaffIdList": [userid for userid in userids if userid not in known],
        "flowControlledStaffIdList": [],
    }


def routes() -> Routes:
    conversation = "/topapi/message/corpconversation"
    return {
        ("POST", f"{conversation}/asyncsend_v2"): Endpoint(send_notification),
        ("POST", f"{conversation}/getsendresult"): Endpoint(send_result),
        ("POST", f"{conversation}/getsendprogress"): Endpoint(send_progress),
        ("POST", "/robot/send"): Endpoint(send_to_group, token=False),
        ("POST", "/v1.0/robot/oToMessages/batchSend"): Endpoint(send_by_robot, "qyapi_robot_sendmsg"),
    }
