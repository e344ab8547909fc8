"""The tour: a ticket's whole way on PostgreSQL, then shorter ones, each step proved on the target itself."""

from __future__ import annotations

import time

import httpx
import psycopg
import pymysql

from sluicegate.cli.client import Client
from sluicegate.cli.demo import change, screen, short
from sluicegate.cli.demo.cast import Cast, Person, asked_for, assembled
from sluicegate.cli.demo.failing import StepFailed
from sluicegate.cli.demo.installation import Installation
from sluicegate.cli.demo.screen import failed
from sluicegate.cli.language import language, say
from sluicegate.cli.shapes import Shape
from sluicegate.core.errors import SluicegateError
from sluicegate.core.messages import describe


class Chain(Shape):
    """``broken_at`` is the first audit entry that isn't what was written."""

    entries: int
    head: str
    broken_at: int | None


def run(installation: Installation) -> tuple[Person, ...] | None:
    """Every step; the people with their logins, or None when a step failed, which was told by then."""
    began = time.monotonic()
    try:
        screen.chapter("demo_chapter_company")
        with assembled(installation) as cast:
            _steps(cast, installation)
            screen.chapter("demo_tour_done", seconds=round(time.monotonic() - began))
            return cast.people
    except StepFailed as step:
        failed(say("demo_step_failed"), step.expected, step.found, installation.service.last_lines())
    except (SluicegateError, httpx.HTTPError, psycopg.Error, pymysql.Error) as error:
        # Refused by the service, or a process that the tour needs is gone.
        found = describe(error, language()) if isinstance(error, SluicegateError) else repr(error)
        failed(say("demo_step_failed"), say("demo_no_refusal"), found, installation.service.last_lines())
    return None


def _steps(cast: Cast, installation: Installation) -> None:
    first, *others = installation.targets
    change.tour(cast, first)
    asked = asked_for(installation.targets)
    if asked is not None:
        screen.chapter("demo_chapter_access")
        short.ask_for_access(cast, asked)
    for target in others:
        screen.chapter("demo_chapter_short", name=target.name)
        short.there_and_back(cast, target)
    screen.chapter("demo_chapter_refused")
    short.refused(cast, first)
    screen.chapter("demo_chapter_audit")
    _verify_audit(cast.admin)


def _verify_audit(admin: Client) -> None:
    chain = admin.get("/audit/verification", Chain)
    screen.proved("demo_audit_whole", None, chain.broken_at, entries=chain.entries, head=chain.head[:16])
