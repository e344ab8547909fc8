"""All that the demo runs: the local DingTalk, the databases, and the service itself."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sluicegate.cli.demo import screen
from sluicegate.cli.demo.children import Child, free_port, running
from sluicegate.cli.demo.company import Company
from sluicegate.cli.demo.servers import find_mariadb, mariadb, postgres
from sluicegate.cli.demo.shop import SEED
from sluicegate.cli.demo.targets import SqliteTarget, Target
from sluicegate.cli.language import language
from sluicegate.core.config import PREFIX
from sluicegate.core.messages import catalogue
from sluicegate.project.postgres import PrivatePostgres

_SPEED = "20"  # how much shorter DingTalk's waiting times are
_STOP_SECONDS = 90.0  # `up` gives its workers a minute
_LOCAL = "127.0.0.1"
ADMINISTRATOR = "admin"  # what the service calls the first one


@dataclass(frozen=True)
class Installation:
    url: str
    company: Company
    targets: tuple[Target, ...]
    """PostgreSQL first."""
    service: Child
    administrator: str
    password: str = field(repr=False)


@contextmanager
def installed(
    directory: Path, port: int | None = None, *, only_postgres: bool = False
) -> Iterator[Installation]:
    """Everything running, for the time of the block; its data is in ``directory``, which must be empty and
    not below one that other accounts can't pass through.

    Raises:
        StepFailed: a process did not start.
    """
    # As root PostgreSQL runs under another account, which has to get through to its own directory.
    directory.chmod(0o711 if os.geteuid() == 0 else 0o700)
    files = directory / "sqlite"
    files.mkdir(mode=0o700)
    surroundings = _surroundings()
    with ExitStack() as stack:
        sandbox = stack.enter_context(
            running("sandbox", _module("dingtalk_sandbox", "--speed", _SPEED), directory, surroundings)
        )
        company = Company(sandbox.says(r"^(http://\S+)$"))
        screen.done("demo_sandbox_runs", url=company.url)
        url = f"http://{_LOCAL}:{port or free_port()}"
        # It takes the longest, so the others start meanwhile.
        service = stack.enter_context(_service(directory, surroundings, url, company, files))
        targets = _targets(stack, directory, files, only_postgres=only_postgres)
        password = service.says(_pattern("first_administrator", login=ADMINISTRATOR))
        service.says(_pattern("service_ready"))
        screen.done("demo_service_runs", url=url)
        yield Installation(url, company, targets, service, ADMINISTRATOR, password)


def _targets(stack: ExitStack, directory: Path, files: Path, *, only_postgres: bool) -> tuple[Target, ...]:
    targets: list[Target] = [stack.enter_context(postgres(directory / "postgres"))]
    if not only_postgres:
        targets.append(SqliteTarget(files / "shop.db"))
        if (found := find_mariadb()) is not None:
            targets.append(stack.enter_context(mariadb(found, directory / "mariadb")))
        else:
            screen.note("demo_no_mariadb")
    for target in targets:
        target.seed()
        screen.proved("demo_target_runs", SEED, target.rows(), name=target.name, rows=SEED.count)
    return tuple(targets)


@contextmanager
def _service(
    directory: Path, surroundings: dict[str, str], url: str, company: Company, files: Path
) -> Iterator[Child]:
    data = directory / "service"
    settings = {
        "DATA_DIR": str(data),
        "HOST": _LOCAL,
        "PORT": url.rsplit(":", 1)[1],
        "PUBLIC_URL": url,
        "LANGUAGE": language(),
        "SQLITE_ROOTS": str(files),
        "DINGTALK_API_BASE": company.url,
        "DINGTALK_OAPI_BASE": company.url,
    }
    environment = surroundings | {PREFIX + name: value for name, value in settings.items()}
    command = _module("sluicegate.cli.main", "up")
    try:
        with running("service", command, directory, environment, patience=_STOP_SECONDS) as child:
            yield child
    finally:
        _end_private_postgres(data)


def _end_private_postgres(data: Path) -> None:
    """Only when the service was killed does its PostgreSQL still run."""
    if PrivatePostgres.running(data) is not None:
        left = PrivatePostgres(data)
        left.start()  # takes it over
        left.stop()


def _pattern(code: str, **params: object) -> str:
    """What the service says there, with a group for what isn't known."""
    escaped = {name: re.escape(part) for name, part in catalogue()[code].items()}
    return re.sub(r"\\{(\w+)\\}", lambda slot: str(params.get(slot[1], r"(\S+)")), escaped[language()])


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def _surroundings() -> dict[str, str]:
    """The environment without settings of another installation, and without a proxy for this machine."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIX) and name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    return kept | {"NO_PROXY": without_proxy(), "no_proxy": without_proxy()}


def without_proxy() -> str:
    """The value of NO_PROXY that keeps calls to this machine on it."""
    given = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return ",".join(filter(None, (given, _LOCAL)))
