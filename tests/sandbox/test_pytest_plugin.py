"""The fixture for others' tests, used by a project of its own through the installed plugin."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

COMPANY = {
    "replace": True,
    "apps": [{"app_key": "dingours", "app_secret": "s", "corp_id": "dingcorp", "agent_id": 7}],
    "departments": [{"dept_id": 1, "name": "公司"}],
}
THEIR_TESTS = """
import httpx
import pytest

seen = set()

def token(sandbox):
    app = sandbox.state()["apps"][0]
    body = {"appKey": app["app_key"], "appSecret": app["app_secret"]}
    answer = httpx.post(f"{sandbox.url}/v1.0/oauth2/accessToken", json=body, trust_env=False)
    return answer.raise_for_status().json()["accessToken"]

@pytest.mark.parametrize("again", [1, 2])
def test_each_test_has_its_own(dingtalk_sandbox, again):
    seen.add(token(dingtalk_sandbox))
    assert len(seen) == again
    assert len(dingtalk_sandbox.state()["users"]) == 8
    dingtalk_sandbox.control("POST", "/users", {"userid": "9", "name": "n", "dept_id_list": [1]})

@pytest.mark.dingtalk_sandbox(speed=20, seed="company.json")
def test_with_a_company_of_their_own(dingtalk_sandbox):
    state = dingtalk_sandbox.state()
    assert [app["app_key"] for app in state["apps"]] == ["dingours"]
    assert state["settings"]["speed"] == 20
    assert token(dingtalk_sandbox)

@pytest.mark.dingtalk_sandbox(sped=2)
def test_a_marker_with_a_mistake(dingtalk_sandbox):
    pass
"""


def test_a_project_that_has_the_package_installed_has_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makefile(".json", company=json.dumps(COMPANY))
    pytester.makepyfile(THEIR_TESTS)

    result = pytester.runpytest_subprocess("--strict-markers", "-p", "no:django", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*unexpected keyword argument 'sped'*"])


def test_runs_that_do_not_use_it_do_not_load_the_server() -> None:
    code = (
        "import sys, dingtalk_sandbox.pytest_plugin;"
        "print([name for name in sys.modules if name.split('.')[0] in {'uvicorn', 'starlette', 'httpx'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
