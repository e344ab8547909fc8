"""What isn't the API: the front page, health, and metrics."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from sluicegate import __version__
from sluicegate.approvals import pacing, selectors
from sluicegate.core.messages import text
from sluicegate.dingtalk.circuit import Phase
from sluicegate.tickets.models import Ticket
from sluicegate.web.auth import language_of

_PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sluicegate</title><h1>Sluicegate 水闸 {version}</h1><p>{welcome}</p>
<ul><li><a href="/api/v1/docs">/api/v1/docs</a><li><a href="/api/v1/openapi.json">/api/v1/openapi.json</a></ul>"""


def front_page(request: HttpRequest) -> HttpResponse:
    language = language_of(request)
    return HttpResponse(
        _PAGE.format(language=language, version=__version__, welcome=text("front_page", language))
    )


def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process lives."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """It can serve: its database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except DatabaseError:
        return JsonResponse({"status": "database_unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Prometheus text. Counted when asked for, so that it is the same from every web process."""
    registry = CollectorRegistry()
    tickets = Gauge("sluicegate_tickets", "Tickets by state", ["state"], registry=registry)
    for row in Ticket.objects.values("state").annotate(count=Count("pk")):
        tickets.labels(row["state"]).set(row["count"])
    jobs = Gauge("sluicegate_jobs", "Jobs in the queue by status", ["status"], registry=registry)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, count(*) FROM procrastinate_jobs"
            " WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1"
        )
        for status, count in cursor.fetchall():
            jobs.labels(status).set(count)
    answering = Gauge(
        "sluicegate_dingtalk_host_up",
        "1 while DingTalk's host answers, 0 while it is left alone",
        ["host"],
        registry=registry,
    )
    for state in pacing.host_states():
        answering.labels(state.host).set(state.phase is Phase.CLOSED)
    events = Gauge(
        "sluicegate_dingtalk_events",
        "Events that DingTalk sent within 30 days, by type; known: the type is documented",
        ["type", "known"],
        registry=registry,
    )
    for found in selectors.event_counts():
        events.labels(found.type, "yes" if found.known else "no").set(found.count)
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4")
