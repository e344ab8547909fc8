"""`sluicegate demo` as a person runs it, and its steps where something doesn't happen."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from sluicegate.cli.demo import screen, tour
from sluicegate.cli.demo.failing import StepFailed
from sluicegate.cli.demo.installation import Installation, installed, without_proxy

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 170


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the demo makes its directory. Every account can get to it, which pytest's own forbid."""
    directory = Path(tempfile.mkdtemp(prefix="sgd-", dir="/tmp"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


class Demo:
    """A running demo and what it has printed so far."""

    def __init__(self, place: Path, *arguments: str, language: str = "en") -> None:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sluicegate.cli.main", "--language", language, "demo", *arguments],
            env={**kept, "TMPDIR": str(place), "SLUICEGATE_HOST": "not.for.the.demo", "NO_COLOR": "1"},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.output = ""

    def until(self, words: str) -> None:
        assert self.process.stdout is not None
        while words not in self.output:
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.output}"
            self.output += line

    def end(self) -> int:
        """Wait for its end; the exit status."""
        rest, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        self.output += rest
        return self.process.returncode


@pytest.fixture
def start(place: Path) -> Iterator[Callable[..., Demo]]:
    started: list[Demo] = []

    def run(*arguments: str, language: str = "en") -> Demo:
        started.append(Demo(place, *arguments, language=language))
        return started[-1]

    yield run
    for demo in started:  # of a test that failed
        if demo.process.poll() is None:
            demo.process.terminate()
            demo.process.communicate()


Start = Callable[..., Demo]


def left_of(place: Path) -> list[str]:
    """What remains of a demo in this place: files, and processes that know of it."""
    found = [str(path) for path in place.iterdir()]
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # somebody else's, or gone by now
            command = (process / "cmdline").read_bytes()
            if str(place).encode() in command + (process / "environ").read_bytes():
                found.append(f"{process.name}: {command!r}")
    return found


def test_the_whole_tour(place: Path, start: Start) -> None:
    demo = start("--once", language="zh")
    assert demo.end() == 0, demo.output
    assert left_of(place) == []
    for sentence in (
        "演示完成",
        "同意，注意观察",
        "没有 WHERE",
        "逐行一致",
        "驳回",
        "哈希链完整",
        "12 个控件",
    ):
        assert sentence in demo.output, f"{sentence}: {demo.output}"
    for name in ("shop-postgresql", "shop-sqlite", "shop-mariadb"):
        assert f"{name} 的数据与变更前逐行一致" in demo.output
    assert not re.search(r"demo_[a-z]+|Traceback|\{[a-z]+\}", demo.output), "a text is missing"
    assert "密码" not in demo.output, "nobody is left to sign in"


def test_it_stays_until_it_is_interrupted(place: Path, start: Start) -> None:
    demo = start()
    demo.until("Press Ctrl-C")
    login = re.search(r"\(administrator\) +admin +(\S+)", demo.output)
    console = re.search(r"Console +(http://\S+)", demo.output)
    phone = re.search(r"The approver's phone \(sandbox\) +(http://\S+)", demo.output)
    assert login, demo.output
    assert console
    assert phone
    credentials = {"username": "admin", "password": login[1]}
    signed_in = httpx.post(f"{console[1]}/api/v1/session/token", json=credentials, trust_env=False)
    assert signed_in.status_code == 201
    for address in (console[1], f"{console[1]}/api/v1/docs", phone[1]):
        assert httpx.get(address, trust_env=False).status_code == 200
    demo.process.send_signal(signal.SIGINT)
    assert demo.end() == 0
    assert demo.output.rstrip().endswith("Everything is deleted then.")
    assert left_of(place) == []


def test_stopped_while_it_starts_it_leaves_nothing(place: Path, start: Start) -> None:
    demo = start("--once")
    demo.until("shop-postgresql is ready")
    assert left_of(place) != [], "what is looked for below would be found"
    demo.process.send_signal(signal.SIGTERM)
    assert demo.end() == 128 + signal.SIGTERM, demo.output
    assert left_of(place) == []
    assert "Traceback" not in demo.output


def test_a_port_that_is_taken_is_a_failure(place: Path, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        demo = start("--once", "--port", str(taken.getsockname()[1]))
        assert demo.end() == 1
    assert "This step did not happen" in demo.output
    assert "--port" in demo.output, "the service's own reason"
    assert left_of(place) == []


@pytest.fixture
def installation(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    monkeypatch.setenv("NO_PROXY", without_proxy())
    monkeypatch.setenv("SLUICEGATE_LANGUAGE", "en")
    with installed(place, only_postgres=True) as running:
        yield running


def test_an_approver_who_refuses_fails_the_tour(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tickets are refused as soon as they arrive: the tour must not take that for an agreement."""
    control = f"{installation.company.url}/_sandbox"
    for template in httpx.get(f"{control}/state", trust_env=False).json()["templates"]:
        flow = {"flow": [{"name": "no", "approval_type": "AUTO_REFUSE"}]}
        code = template["process_code"]
        httpx.post(f"{control}/templates/{code}", json=flow, trust_env=False).raise_for_status()
    before = installation.targets[0].rows()
    assert tour.run(installation) is None
    shown = capsys.readouterr()
    assert "This step did not happen" in shown.err
    assert "Expected:" in shown.err
    assert installation.company.employee("13800000003").name in shown.err
    assert "every step really happened" not in shown.out
    assert installation.targets[0].rows() == before

    # And the way it tells when the service is gone altogether.
    installation.service.process.terminate()
    installation.service.process.wait(60)
    assert tour.run(installation) is None
    assert installation.url in capsys.readouterr().err


def test_a_claim_that_does_not_hold_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StepFailed) as failure:
        screen.proved("demo_untouched", (1, 2), (1, 3), name="shop")
    assert "(1, 2)" in failure.value.expected
    assert failure.value.found == "(1, 3)"
    assert capsys.readouterr().out == ""
