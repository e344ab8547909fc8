"""The sandbox as a process of its own, and with a company of one's own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from dingtalk_sandbox.server import SandboxServer
from tests.sandbox.support import Api, open_connection

COMMAND = [sys.executable, "-m", "dingtalk_sandbox"]
SEED = {
    "replace": True,
    "apps": [{"app_key": "dingother", "app_secret": "s", "corp_id": "dingcorp", "agent_id": 7}],
    "departments": [{"dept_id": 1, "name": "公司"}],
    "users": [
        {"userid": "007", "name": "甲", "mobile": "1", "dept_id_list": [1]},
        {"userid": "008", "name": "乙", "mobile": "2", "dept_id_list": [1]},
    ],
    "default_approvers": ["008"],
    "templates": [
        {
            "process_code": "PROC-1",
            "name": "表单",
            "controls": [{"componentType": "TextField", "props": {"label": "标题"}}],
        }
    ],
}


def test_it_says_where_it_is_and_stops_at_once() -> None:
    process = subprocess.Popen([*COMMAND, "--speed", "50"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        api = Api(url)
        assert api.state()["settings"]["speed"] == 50
        opened = open_connection(api)
        with connect(f"{opened['endpoint']}?ticket={opened['ticket']}", proxy=None):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)
        api.close()
    finally:
        process.kill()
        process.wait()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with SandboxServer() as sandbox:
        done = subprocess.run(
            [*COMMAND, "--port", str(sandbox.port)], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert done.stdout == ""


def test_bad_speeds_are_usage_errors() -> None:
    done = subprocess.run([*COMMAND, "--speed", "0"], capture_output=True, check=False)
    assert done.returncode == 2


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"users": 3}', '{"templates": [{}]}', '{"apps": [{"app_key": 1}]}']
)
def test_a_seed_file_that_is_none(tmp_path: Path, text: str) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(text, "utf-8")
    done = subprocess.run([*COMMAND, "--seed", str(seed)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("dingtalk_sandbox: ")
    assert "Traceback" not in done.stderr


def test_a_seed_file_replaces_the_company(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED), "utf-8")
    with SandboxServer(seed=seed) as sandbox:
        api = Api(sandbox.url)
        state = api.state()
        assert [user["userid"] for user in state["users"]] == ["007", "008"]
        instance_id = api.start_with("007", "PROC-1", {"标题": "x"})
        assert [task["userId"] for task in api.instance(instance_id)["tasks"]] == ["008"]
        api.control("POST", "/reset")
        assert api.state()["apps"][0]["app_key"] == "dingother"
        api.close()


def test_state_has_what_callers_rely_on(api: Api) -> None:
    state = httpx.get(f"{api.url}/_sandbox/state", trust_env=False, verify=False).json()
    assert {"app_key", "app_secret", "corp_id", "agent_id"} <= set(state["apps"][0])
    assert {"userid", "name", "mobile", "dept_id_list", "active"} <= set(state["users"][0])
    assert {"departments", "templates", "instances"} <= set(state)
    assert sum(not user["active"] for user in state["users"]) == 1
    assert any(user["userid"].startswith("0") for user in state["users"])
    assert any(len(user["dept_id_list"]) > 1 for user in state["users"])
