"""The command line itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sluicegate.cli.main import COMMANDS
from sluicegate.core.messages import LANGUAGES, catalogue, text
from tests.service.conftest import ROOT, environment, sluicegate


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        sluicegate(*arguments), env=environment(**variables), capture_output=True, text=True, check=False
    )


def test_every_command_is_described_in_both_languages() -> None:
    for name in COMMANDS:
        assert {text(f"help_{name}", language) for language in LANGUAGES} != {f"help_{name}"}, name


def test_every_command_has_help() -> None:
    for name in COMMANDS:
        done = run(name, "--help")
        assert done.returncode == 0, f"{name}: {done.stderr}"
        assert "Usage: " in done.stdout or "usage: " in done.stdout


def test_the_language_of_help_and_errors() -> None:
    chinese = catalogue()["config_unknown"]["zh"].partition("{name}")[2]
    english = catalogue()["config_unknown"]["en"].partition("{name}")[2]
    wrong = {"SLUICEGATE_NONSENSE": "1"}
    assert chinese in run("web", LANG="zh_CN.UTF-8", **wrong).stderr
    assert english in run("web", LANG="en_US.UTF-8", **wrong).stderr
    assert english in run("--language", "en", "web", LANG="zh_CN.UTF-8", **wrong).stderr
    assert catalogue()["help_web"]["zh"] in run("--help", LANG="zh_CN.UTF-8").stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["up", "--nonsense"], ["up", "--port", "x"]])
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2


def test_help_and_review_load_neither_django_nor_the_configuration() -> None:
    code = """
import sys
from sluicegate.cli import main
main._load("review")
print([name for name in ("django", "psycopg", "procrastinate", "sluicegate.core.config") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_sandbox_gets_its_own_arguments() -> None:
    done = run("sandbox", "--help")
    assert done.returncode == 0
    assert "--speed" in done.stdout


def test_the_settings_page_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/settings_page.py", "--check"], cwd=ROOT, env=environment(), check=False
    )
    assert done.returncode == 0
