"""A whole installation for tests: own PostgreSQL, sandbox, web, worker and listener, each a process that a
test can kill; and clients that talk to it as people do."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg

from dingtalk_sandbox.server import SandboxServer
from sluicegate.core.parent import PARENT_VARIABLE

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long enough passphrase"
PATIENCE_SECONDS = 60.0
FINAL = (
    "succeeded",
    "failed",
    "partially_succeeded",
    "rejected",
    "withdrawn",
    "expired",
    "cancelled",
    "review_failed",
    "needs_attention",
)


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait for something that another process brings about; gives what the condition gave."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.03)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Api:
    """One person's client."""

    def __init__(self, url: str, token: str) -> None:
        self.http = httpx.Client(
            base_url=f"{url}/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
            timeout=30,
            trust_env=False,
        )

    def call(self, method: str, path: str, body: Json | None = None, **params: Any) -> httpx.Response:
        return self.http.request(method, path, json=body, params=params)

    def get(self, path: str, **params: Any) -> Any:
        return self._ok(self.call("GET", path, **params))

    def post(self, path: str, body: Json | None = None) -> Any:
        return self._ok(self.call("POST", path, body or {}))

    def patch(self, path: str, body: Json) -> Any:
        return self._ok(self.call("PATCH", path, body))

    def put(self, path: str, body: Json) -> Any:
        return self._ok(self.call("PUT", path, body))

    def delete(self, path: str) -> Any:
        return self._ok(self.call("DELETE", path))

    def refused(self, method: str, path: str, body: Json | None = None) -> tuple[int, str]:
        """Status and code of a refusal."""
        response = self.call(method, path, body)
        assert response.status_code >= 400, response.text
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["detail"] != problem["code"], "the catalogue lacks this code"
        return response.status_code, problem["code"]

    @staticmethod
    def _ok(response: httpx.Response) -> Any:
        assert response.status_code < 400, response.text
        return response.json() if response.content else None

    # tickets

    def submit(self, datasource: Json, sql: str, kind: str = "data_change", **more: Any) -> str:
        body = {
            "kind": kind,
            "title": more.pop("title", "fix the orders"),
            "targets": [{"datasource_id": datasource["id"], "database": more.pop("database", "")}],
            "sql": sql,
            **more,
        }
        return str(self.post("/tickets", body)["number"])

    def ticket(self, number: str) -> Json:
        return self.get(f"/tickets/{number}")  # type: ignore[no-any-return]

    def wait(self, number: str, *states: str, seconds: float = PATIENCE_SECONDS) -> Json:
        """The ticket once it is in one of these states; any other state it can't leave by itself fails."""

        def arrived() -> Json | None:
            ticket = self.ticket(number)
            if ticket["state"] in states:
                return ticket
            assert ticket["state"] not in FINAL, (ticket["state"], ticket["reason"], ticket["targets"])
            return None

        found: Json = until(arrived, f"{number} to be {' or '.join(states)}", seconds)
        return found

    def instance(self, number: str) -> str:
        """The id of the ticket's DingTalk instance, once it was started."""

        def started() -> str | None:
            approval = self.ticket(number)["approval"]
            return approval["external_id"] if approval else None

        return str(until(started, f"the DingTalk instance of {number}"))

    def statements(self, number: str, target: int = 0) -> list[Json]:
        page = self.get(f"/tickets/{number}/statements", target=target, size=500)
        return page["statements"]  # type: ignore[no-any-return]


class Sandbox:
    """The local DingTalk as the approver and the nemesis use it."""

    def __init__(self, server: SandboxServer) -> None:
        self.url = server.url
        self.http = httpx.Client(base_url=f"{server.url}/_sandbox", timeout=30, trust_env=False)

    def control(self, method: str, path: str, body: Json | None = None) -> Any:
        response = self.http.request(method, path, json=body)
        assert response.status_code < 400, response.text
        return response.json() if response.content else None

    def state(self) -> Json:
        return self.control("GET", "/state")  # type: ignore[no-any-return]

    def user(self, name: str) -> Json:
        return next(user for user in self.state()["users"] if user["name"] == name)  # type: ignore[no-any-return]

    def process_code(self, name: str) -> str:
        found = self.state()["templates"]
        return next(str(item["process_code"]) for item in found if item["name"] == name)

    def instance(self, instance_id: str) -> Json:
        return self.control("GET", f"/instances/{instance_id}")  # type: ignore[no-any-return]

    def form(self, instance_id: str) -> dict[str, str]:
        values = self.instance(instance_id)["formComponentValues"]
        return {value["name"]: value["value"] for value in values}

    def instances_of(self, number: str) -> list[str]:
        """The instances that carry this ticket's mark."""
        ids = [str(item["instance_id"]) for item in self.state()["instances"]]
        return [found for found in ids if f"ticket={number} " in str(self.form(found))]

    def decide(self, instance_id: str, result: str = "agree", who: str = "李四", remark: str = "") -> None:
        userid = self.user(who)["userid"]
        tasks = self.instance(instance_id)["tasks"]
        task = next(t["taskId"] for t in tasks if t["userId"] == userid and t["status"] == "RUNNING")
        self.control("POST", f"/instances/{instance_id}/tasks/{task}", {"result": result, "remark": remark})

    def fault(self, kind: str, **options: Any) -> Json:
        return self.control("POST", "/faults", {"kind": kind, **options})  # type: ignore[no-any-return]

    def heal(self) -> None:
        self.control("DELETE", "/faults")


class Installation:
    """The service's processes over one private PostgreSQL."""

    def __init__(self, directory: Path, dsn: str, sandbox: SandboxServer) -> None:
        self.directory = directory
        self.dsn = dsn
        self.sandbox = Sandbox(sandbox)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.sqlite_root = directory / "sqlite"
        self.sqlite_root.mkdir()
        self._processes: list[subprocess.Popen[bytes]] = []
        self.worker: subprocess.Popen[bytes]
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        self.environment = {
            **kept,
            "DATABASE_URL": dsn,
            "SLUICEGATE_DATA_DIR": str(directory),
            "SLUICEGATE_KEY": base64.b64encode(os.urandom(32)).decode(),
            "SLUICEGATE_PORT": self.url.rsplit(":", 1)[1],
            "SLUICEGATE_SQLITE_ROOTS": str(self.sqlite_root),
            "SLUICEGATE_DINGTALK_API_BASE": sandbox.url,
            "SLUICEGATE_DINGTALK_OAPI_BASE": sandbox.url,
            "SLUICEGATE_LEASE_SECONDS": "2",
            "SLUICEGATE_RECONCILE_SECONDS": "1",
            "SLUICEGATE_LANGUAGE": "zh",
            PARENT_VARIABLE: str(os.getpid()),  # nothing outlives a test run that is killed
        }

    # processes

    def run(self, *arguments: str) -> str:
        """A command to its end; its standard output."""
        done = subprocess.run(
            [sys.executable, "-m", "sluicegate.cli.main", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = self.directory / f"{arguments[0]}-{len(self._processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "sluicegate.cli.main", *arguments],
                env=self.environment,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        self._processes.append(process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start("worker")

    @staticmethod
    def kill(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        if number != signal.SIGSTOP:
            process.wait(60)

    def stop(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                self.kill(process)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.directory.glob("*.log")))

    # people

    def sign_in(self, username: str, password: str = PASSWORD) -> Api:
        answer = httpx.post(
            f"{self.url}/api/v1/session/token",
            json={"username": username, "password": password},
            trust_env=False,
            timeout=30,
        )
        assert answer.status_code == 201, answer.text
        return Api(self.url, answer.json()["token"])

    def begin(self) -> Api:
        """Bring everything up; the first administrator's client."""
        output = self.run("--language", "en", "migrate")
        password = output.split("password")[-1].split()[0]
        self.start("web")
        self.worker = self.start_worker()
        self.start("listener")
        until(self._ready, "web to be ready")
        return self.sign_in("admin", password)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def query(self, sql: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """A look into the service's own database."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(sql, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


class Company:
    """An installation with people, groups and data sources in it."""

    def __init__(self, installation: Installation, admin: Api) -> None:
        self.installation = installation
        self.sandbox = installation.sandbox
        self.admin = admin
        self._count = 0
        for username, name, roles in (
            ("zhang", "张三", ["developer"]),
            ("li", "李四", ["dba"]),
            ("wang", "王五", ["dba"]),
            ("stranger", "孙七", ["developer"]),
            ("auditor", "审计", ["auditor"]),
        ):
            mobile = next((u["mobile"] for u in self.sandbox.state()["users"] if u["name"] == name), "")
            admin.post(
                "/users",
                {"username": username, "name": name, "mobile": mobile, "roles": roles, "password": PASSWORD},
            )
        self.developer = installation.sign_in("zhang")
        self.lead = installation.sign_in("li")
        self.dba = installation.sign_in("wang")
        self.stranger = installation.sign_in("stranger")
        self.auditor = installation.sign_in("auditor")
        app = self._app()
        admin.put("/dingtalk", app | {"confirmation": admin.post("/dingtalk/check", app)["confirmation"]})
        admin.post("/approval-flows", {"provider": "dingtalk", "environment": "prod"})

    def _app(self) -> Json:
        app = self.sandbox.state()["apps"][0]
        return {name: str(app[name]) for name in ("app_key", "app_secret", "corp_id", "agent_id")}

    def connect_again(self) -> None:
        """After a reset of the sandbox: people's userids and templates are the same, its tokens aren't."""
        self.sandbox.control("POST", "/reset")
        self.sandbox.control("POST", "/settings", {"terminate_delay": 0})

    def datasource(self, environment: str = "prod", **fields: Any) -> Json:
        """A data source that the developer may change and the DBAs execute on."""
        self._count += 1
        body = {"name": f"shop-{self._count}", "remark": "订单库", "environment": environment, **fields}
        datasource = self.admin.post("/datasources", body)
        self.admin.post(
            "/grants",
            {
                "username": "zhang",
                "actions": ["see", "data_change", "schema_change"],
                "datasource_id": datasource["id"],
            },
        )
        return datasource  # type: ignore[no-any-return]


@contextlib.contextmanager
def installed(directory: Path, dsn: str) -> Iterator[Company]:
    with SandboxServer(speed=20) as server:
        installation = Installation(directory, dsn, server)
        try:
            yield Company(installation, installation.begin())
        finally:
            installation.stop()
