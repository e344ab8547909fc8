"""Connecting DingTalk and looking after it by the command line, as an administrator does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journey.installation import Company


@pytest.fixture
def connected(company: Company) -> Iterator[Company]:
    yield company
    company.sandbox.heal()
    company.sandbox.control("POST", "/settings", {"clock_skew_seconds": 0})


def sluicegate(
    company: Company, *arguments: str, stdin: str = "", language: str = "en"
) -> subprocess.CompletedProcess[str]:
    bearer = str(company.admin.http.headers["Authorization"]).removeprefix("Bearer ")
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, "-m", "sluicegate.cli.main", "--language", language, *arguments],
        env={
            **kept,
            "LANG": "C.UTF-8",
            "SLUICEGATE_URL": company.installation.url,
            "SLUICEGATE_TOKEN": bearer,
        },
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def connecting(company: Company, *more: str, secret: str = "") -> subprocess.CompletedProcess[str]:
    app = company.sandbox.state()["apps"][0]
    return sluicegate(
        company,
        *("dingtalk", "connect", "--app-key", app["app_key"], "--corp-id", app["corp_id"]),
        *("--agent-id", str(app["agent_id"]), "--secret-stdin", *more),
        stdin=secret or app["app_secret"],
    )


def statuses(checks: list[dict[str, Any]]) -> dict[str, str]:
    return {check["name"]: check["status"] for check in checks}


def test_the_result_is_shown_and_then_stored(connected: Company) -> None:
    secret = connected.sandbox.state()["apps"][0]["app_secret"]
    shown = connecting(connected, "--yes")
    assert shown.returncode == 0, shown.stderr
    assert "✓ DingTalk accepts the credentials" in shown.stdout
    assert secret not in shown.stdout + shown.stderr
    told = json.loads(connecting(connected, "--yes", "--json").stdout)
    assert told["connected"] is True
    assert statuses(told["checks"])["address"] == "pass"


def test_nothing_is_stored_unasked(connected: Company) -> None:
    """Standard input is taken by the secret: nobody can be asked."""
    unasked = connecting(connected)
    assert (unasked.returncode, "--yes" in unasked.stderr) == (2, True)
    told = json.loads(connecting(connected, "--check-only", "--json").stdout)
    assert told["connected"] is False


def test_what_prevents_it(connected: Company) -> None:
    refused = connecting(connected, "--yes", secret="wrong")
    assert refused.returncode == 1
    assert "✗" in refused.stdout and "weren't stored" in refused.stdout + refused.stderr
    assert connected.admin.get("/dingtalk")["connected"] is True, "the older ones stay"


def test_the_doctor_in_both_languages_and_for_programs(connected: Company) -> None:
    connected.sandbox.fault("ip_not_whitelisted", ip="203.0.113.77", match="/v1.0/workflow")
    for language, sentence in (("zh", "服务器出口IP"), ("en", "DingTalk refuses calls from")):
        shown = sluicegate(connected, "doctor", "dingtalk", language=language)
        assert shown.returncode == 1
        assert sentence in shown.stdout and "203.0.113.77" in shown.stdout
    told = json.loads(sluicegate(connected, "doctor", "dingtalk", "--json").stdout)
    [address] = [check for check in told if check["name"] == "address"]
    assert (address["status"], address["essential"]) == ("fail", True)
    assert (address["code"], address["facts"]["ip"]) == ("dingtalk_ip_not_whitelisted", "203.0.113.77")


def test_people(connected: Company) -> None:
    synced = json.loads(sluicegate(connected, "dingtalk", "sync", "--json").stdout)
    assert synced["people"] >= 5 and synced["departments"] >= 4
    shown = sluicegate(connected, "dingtalk", "directory", "--hourly", "--keep-leavers")
    assert shown.returncode == 0, shown.stderr
    settings = connected.admin.get("/dingtalk/directory")
    assert (settings["sync_hourly"], settings["end_leavers"]) == (True, False)
    sluicegate(connected, "dingtalk", "directory", "--no-hourly")
    unlinked = sluicegate(connected, "dingtalk", "departments")
    assert unlinked.returncode == 1 and "isn't linked" in unlinked.stderr
