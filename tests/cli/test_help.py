"""Help in both languages, the reference page, and how text is shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from sluicegate.cli.output import visible
from tests.cli.service import ROOT

WALK = """
import sys
from sluicegate.cli.language import use
use(sys.argv[1])
from sluicegate.cli.main import COMMANDS, _load
for name in COMMANDS:
    command = _load(name)
    for path, each in [(name, command), *getattr(command, "commands", {}).items()]:
        print(path, "|", each.help)
        for param in each.params:
            print(path, param.name, "|", getattr(param, "help", None))
"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command_and_option_is_explained(language: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WALK, language], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [
        line.partition("|") for line in done.stdout.splitlines() if not line.split("|")[0].endswith("help ")
    ]
    assert len(lines) > 250
    unexplained = [name for name, _, text in lines if text.strip() in ("", "None") or "help_" in text]
    assert unexplained == []
    chinese = [bool(re.search("[一-鿿]", text)) for _, _, text in lines]
    assert all(chinese) if language == "zh" else not any(chinese)


def test_chinese_help_is_not_cut_off() -> None:
    words = [sys.executable, "-m", "sluicegate.cli.main", "--language", "zh", "ticket", "submit", "--help"]
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "按字节原样提交；- 为标准输入。" in done.stdout


def test_the_reference_page_is_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "cli_page.py"), "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 中文 é\n\tok", "plain 中文 é\n\tok"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb\x07\x9b", "a\\rb\\x07\\x9b"),
        ("safe\u202egnp.exe\u2066", "safe\\u202egnp.exe\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("[bold]no markup[/bold]", "[bold]no markup[/bold]"),
    ],
)
def test_characters_that_deceive_are_spelt_out(text: str, shown: str) -> None:
    assert visible(text) == shown
