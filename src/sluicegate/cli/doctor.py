"""`sluicegate doctor`: is everything there that a ticket needs?"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from importlib.metadata import version
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.text import Text

from sluicegate.cli import credentials
from sluicegate.cli.client import Client
from sluicegate.cli.language import language, say
from sluicegate.cli.options import Json
from sluicegate.cli.output import console, emit, styled, visible
from sluicegate.cli.shapes import Check, DingTalk, Me
from sluicegate.core.errors import NotAuthenticated, SluicegateError, Unavailable
from sluicegate.core.messages import describe

PASS, WARN, FAIL = "pass", "warn", "fail"
_MAY_CHECK = "settings.manage"
_MARKS = {PASS: "✓", WARN: "!", FAIL: "✗"}


class Subject(StrEnum):
    DINGTALK = "dingtalk"


class _Info(BaseModel):
    model_config = ConfigDict(frozen=True)

    title: str
    version: str


class _OpenApi(BaseModel):
    model_config = ConfigDict(frozen=True)

    info: _Info


def doctor(
    subject: Annotated[Subject | None, typer.Argument(help=say("help_doctor_subject"))] = None,
    json: Json = False,
) -> None:
    if subject is Subject.DINGTALK:
        with _client() as client:
            checks = _dingtalk(client)
    else:
        checks = list(_everything())
    emit(checks, json, show_checks)
    if any(check.status == FAIL for check in checks):
        raise typer.Exit(1)


def _client() -> Client:
    who = credentials.current()
    return Client(who.url, who.token)


def _everything() -> Iterator[Check]:
    """From the bottom up; what can't be looked at because of an earlier failure isn't listed."""
    url = credentials.service_url()
    with Client(url) as client:
        try:
            healthy = client.probe("/healthz")
        except Unavailable as error:
            yield _line("reachable", FAIL, describe(error, language()), url=url)
            return
        yield _line("reachable", PASS, url=url)
        if not healthy.is_success:
            yield _line("healthy", FAIL, say("doctor_cli_healthy_advice", status=healthy.status_code))
            return
        yield from _versions(client)
        ready = client.probe("/readyz").is_success
        yield _line("ready", PASS if ready else FAIL, "" if ready else say("doctor_cli_ready_advice"))
    if ready:
        yield from _signed_in()


def _versions(client: Client) -> Iterator[Check]:
    ours = version("sluicegate")
    try:
        answer = _OpenApi.model_validate_json(client.probe("/api/v1/openapi.json").content)
    except ValidationError:
        yield _line("version", FAIL, say("doctor_cli_version_foreign"), ours=ours, theirs="?")
        return
    theirs = answer.info.version
    same = ours == theirs
    advice = "" if same else say("doctor_cli_version_advice")
    yield _line("version", PASS if same else WARN, advice, ours=ours, theirs=theirs)


def _signed_in() -> Iterator[Check]:
    try:
        with _client() as client:
            me = client.get("/me", Me)
            yield _line("login", PASS, username=me.username)
            if _MAY_CHECK not in me.permissions:
                yield _line("dingtalk", WARN, say("doctor_cli_dingtalk_forbidden"))
            elif not client.get("/dingtalk", DingTalk).connected:
                yield _line("dingtalk", WARN, say("doctor_cli_dingtalk_absent"))
            else:
                yield from _dingtalk(client)
    except NotAuthenticated as error:
        yield _line("login", WARN, describe(error, language()), username="-")
    except SluicegateError as error:
        yield _line("login", FAIL, describe(error, language()), username="-")


def _dingtalk(client: Client) -> list[Check]:
    return client.get("/dingtalk/check", list[Check])


def _line(name: str, status: str, advice: str = "", **params: object) -> Check:
    return Check(name=name, status=status, text=say(f"doctor_cli_{name}", **params), advice=advice)


def show_checks(checks: list[Check]) -> None:
    screen = console()
    for check in checks:
        line = styled(check.status, _MARKS.get(check.status, check.status))
        screen.print(Text.assemble(line, " ", visible(check.text)), soft_wrap=True)
        if check.advice:
            screen.print(Text("  " + visible(check.advice)), soft_wrap=True)
