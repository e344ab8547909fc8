"""Everything the sandbox knows, written to a file and read again by another one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dingtalk_sandbox.server import SandboxServer
from tests.sandbox.support import DATA_CHANGE, Api, Json, Listener

COMMAND = [sys.executable, "-m", "dingtalk_sandbox"]
CALLBACK = {"url": "http://127.0.0.1:9/x", "token": "abc", "aes_key": "a" * 43}


def ask_about(api: Api, ids: list[str]) -> dict[str, Any]:
    """What a client can read of the approvals and of the company."""
    code = api.codes[DATA_CHANGE]
    started = api.state()["instances"][0]["created"]
    query = {"processCode": code, "nextToken": 0, "maxResults": 20, "startTime": started}
    lead = api.userid("李四")
    return {
        "instances": [api.instance(instance_id) for instance_id in ids],
        "ids": api.ok("POST", "/v1.0/workflow/processes/instanceIds/query", query)["result"],
        "finished": api.ok(
            "POST",
            "/v1.0/workflow/processes/instanceIds/query",
            {**query, "statuses": ["COMPLETED"], "userIds": [api.userid("张三")]},
        )["result"],
        "schemas": [
            api.ok("GET", "/v1.0/workflow/forms/schemas/processCodes", processCode=code)["result"]
            for code in api.codes.values()
        ],
        "visible": api.ok(
            "GET", "/v1.0/workflow/processes/userVisibilities/templates", maxResults=100, nextToken=0
        )["result"],
        "user": api.old("/topapi/v2/user/get", {"userid": lead})["result"],
        "members": api.old("/topapi/user/listid", {"dept_id": 100200301})["result"],
        "inbox": api.http.get(f"/as/{lead}").text,
        "messages": api.control("GET", "/messages"),
        "state": api.state(),
    }


def activity(api: Api) -> list[str]:
    """Approvals in every state, with everything in their history; and a company that was changed."""
    lead, dba, tester = (api.userid(name) for name in ("李四", "王五", "赵六"))
    agreed, refused, withdrawn, handed, added = (api.start() for _ in range(5))
    api.decide(agreed, remark="可以\n看过了")
    api.control("POST", f"/instances/{agreed}/comments", {"userid": dba, "text": "已执行"})
    api.decide(refused, "refuse", remark="不行")
    api.control("POST", f"/instances/{withdrawn}/terminate", {"userid": api.userid("张三"), "remark": "错了"})
    task = api.running_task(handed, lead)
    api.control("POST", f"/instances/{handed}/tasks/{task}/redirect", {"to": tester, "remark": "请看"})
    task = api.running_task(added, lead)
    api.control("POST", f"/instances/{added}/tasks/{task}/append", {"to": tester})
    change_company(api)
    one_by_one = api.start(processCode=api.codes["新表单"], formComponentValues=table("一", "二"))
    return [agreed, refused, withdrawn, handed, added, one_by_one]


def table(*cells: str) -> list[Json]:
    rows = [[{"name": "列", "value": cell}] for cell in cells]
    return [{"name": "表", "value": json.dumps(rows)}, {"name": "级别", "value": "高"}]


def change_company(api: Api) -> None:
    lead, dba = api.userid("李四"), api.userid("王五")
    column = {"componentType": "TextField", "props": {"label": "列"}}
    options = [{"key": "1", "value": "高"}, {"key": "2", "value": "低"}]
    controls = [
        {"componentType": "TableField", "props": {"label": "表", "required": True}, "children": [column]},
        {"componentType": "DDSelectField", "props": {"label": "级别", "options": options}},
    ]
    flow = [
        {"name": "自动", "approval_type": "AUTO_AGREE"},
        {"name": "依次", "mode": "ONE_BY_ONE", "approvers": [lead, dba]},
        {"name": "自选", "mode": "AND", "approvers": [dba], "auto_agree_repeated": True},
    ]
    form = {"name": "新表单", "controls": controls, "flow": flow, "cc_users": [dba]}
    api.codes["新表单"] = api.control("POST", "/templates", form)["process_code"]
    api.control(
        "POST", f"/templates/{api.codes['CloudDM结构变更工单']}", {"visible_to": [], "status": "INVALID"}
    )
    api.control("POST", "/users", {"userid": lead, "title": "经理", "hide_mobile": True})
    api.control("POST", "/departments", {"dept_id": 5, "name": "新部门", "parent_id": 100200301})
    app = {"scopes": None, "ip_whitelist": ["127.0.0.1"], "event_filters": ["*/type/finish"]}
    api.control("POST", f"/apps/{api.app['app_key']}", app)
    api.control("POST", "/settings", {"time_offset_minutes": 480, "retry_delays": [1.0], "api_quota": 4000})
    message = {"msgtype": "text", "text": {"content": "你好"}}
    sent = {"agent_id": api.app["agent_id"], "userid_list": f"{lead},nobody", "msg": message}
    assert [api.old("/topapi/message/corpconversation/asyncsend_v2", sent)["errcode"] for _ in "12"] == [0, 0]


def test_a_sandbox_made_from_a_dump_answers_alike(api: Api, tmp_path: Path) -> None:
    ids = activity(api)
    seed = tmp_path / "state.json"
    seed.write_text(json.dumps(api.control("GET", "/dump")), "utf-8")

    with SandboxServer(seed=seed) as again:
        other = Api(again.url)
        assert other.control("GET", "/dump") == json.loads(seed.read_text("utf-8"))
        mine, theirs = ask_about(api, ids), ask_about(other, ids)
        for what, answer in mine.items():
            assert theirs[what] == answer, what
        other.close()


def test_life_goes_on_after_a_dump(api: Api, tmp_path: Path) -> None:
    handed, added = activity(api)[3:5]
    seed = tmp_path / "state.json"
    seed.write_text(json.dumps(api.control("GET", "/dump")), "utf-8")

    with SandboxServer(seed=seed) as again:
        other = Api(again.url)
        other.control("POST", f"/apps/{other.app['app_key']}", {"event_filters": ["*"]})
        with Listener(other) as listener:
            other.decide(handed, name="赵六")
            assert listener.event()["processInstanceId"] == handed
        other.decide(added, name="赵六")
        other.decide(added, name="李四")
        for instance_id in (handed, added):
            assert other.instance(instance_id)["result"] == "agree"
        fresh = other.instance(other.start())
        known = [
            instance
            for instance in other.state()["instances"]
            if instance["business_id"] != fresh["businessId"]
        ]
        assert len(known) == 6
        tasks = [task["task_id"] for instance in known for task in instance["tasks"]]
        assert not {task["taskId"] for task in fresh["tasks"]} & set(tasks)
        other.control("POST", "/reset")
        assert other.control("GET", "/dump") == json.loads(seed.read_text("utf-8"))
        other.close()


def test_keys_of_callbacks_are_kept(tmp_path: Path) -> None:
    app = {
        "app_key": "ding",
        "app_secret": "s",
        "corp_id": "c",
        "agent_id": 1,
        "scopes": [],
        "callback": CALLBACK,
    }
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"replace": True, "apps": [app]}), "utf-8")
    with SandboxServer(seed=seed) as sandbox:
        (kept,) = sandbox.control("GET", "/dump")["apps"]
    assert (kept["callback"], kept["scopes"]) == (CALLBACK, [])


def test_a_process_writes_its_state_when_it_is_stopped(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    ids = []
    for given in (["--speed", "7"], ["--seed", str(state)]):
        command = [*COMMAND, "--dump", str(state), *given]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            api = Api(process.stdout.readline().strip())
            assert api.state()["settings"]["speed"] == 7
            ids.append(api.start())
            assert [instance["instance_id"] for instance in api.state()["instances"]] == ids
            api.close()
            process.terminate()
    written = json.loads(state.read_text("utf-8"))
    assert [instance["instance_id"] for instance in written["instances"]] == ids
    assert list(tmp_path.iterdir()) == [state]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"instances": [{}]}, "Missing"),
        ({"instances": [{"status": "ODD"}]}, "Missing"),
        ({"settings": {"sped": 2}}, "no such setting: sped"),
        ({"settings": {"speed": 0.0}}, "speed must be greater than 0"),
        ({"messages": [{"task_id": 1, "at": 1, "channel": "work", "forbidden": [[1]]}]}, "forbidden"),
    ],
)
def test_a_file_that_was_edited_wrongly(tmp_path: Path, part: Json, message: str) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(part), "utf-8")
    done = subprocess.run([*COMMAND, "--seed", str(seed)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
