"""Commands that run the service or a part of it."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.environment import service_config
from sluicegate.cli.language import say
from sluicegate.core import log
from sluicegate.core.config import PREFIX, config


def up(
    data: Annotated[Path | None, typer.Option("--data", help=say("help_up_data"))] = None,
    host: Annotated[str | None, typer.Option(help=say("help_up_host"))] = None,
    port: Annotated[int | None, typer.Option(help=say("help_up_port"))] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help=say("help_up_workers"))] = 1,
) -> None:
    # Through the environment, because the children are to hear of it too.
    _set("DATA_DIR", data.absolute() if data else None)
    _set("HOST", host)
    _set("PORT", port)
    settings = config()
    log.configure(settings, "up")
    from sluicegate.project.supervisor import up as run  # noqa: PLC0415 - psycopg is slow to import

    run(settings, workers, lambda url: print(say("service_ready", url=url), flush=True))


def web(
    host: Annotated[str | None, typer.Option(help=say("help_up_host"))] = None,
    port: Annotated[int | None, typer.Option(help=say("help_up_port"))] = None,
) -> None:
    _set("HOST", host)
    _set("PORT", port)
    settings = service_config("web")
    from sluicegate.project.server import serve  # noqa: PLC0415

    serve(settings)


def worker(
    concurrency: Annotated[int | None, typer.Option(min=1, help=say("help_worker_concurrency"))] = None,
) -> None:
    _set("WORKER_CONCURRENCY", concurrency)
    settings = service_config("worker")
    # By name: workers are beside the command line, not below it.
    raise typer.Exit(importlib.import_module("sluicegate.worker.main").run(settings))


def listener() -> None:
    settings = service_config("listener")
    raise typer.Exit(importlib.import_module("sluicegate.worker.listener").run(settings))


def migrate() -> None:
    settings = service_config("migrate")
    from sluicegate.project.migrate import migrate as run  # noqa: PLC0415

    assert settings.database_url is not None
    first = run(settings.database_url.get_secret_value())
    if first is not None:
        print(say("first_administrator", login=first.login, password=first.password))


def sandbox(context: typer.Context) -> None:
    # Another program: it shares nothing with this one, not even a process.
    os.execv(sys.executable, [sys.executable, "-m", "dingtalk_sandbox", *context.args])  # noqa: S606


sandbox.passes_arguments_on = True  # type: ignore[attr-defined]


def _set(name: str, value: object) -> None:
    if value is not None:
        os.environ[PREFIX + name] = str(value)
