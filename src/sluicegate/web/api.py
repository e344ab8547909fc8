"""The REST API: one NinjaAPI, one router per subject."""

from __future__ import annotations

from ninja import NinjaAPI

from sluicegate import __version__
from sluicegate.web import problems
from sluicegate.web.auth import AUTH
from sluicegate.web.routers import (
    accounts,
    approvals,
    audit,
    datasources,
    grants,
    notifications,
    policies,
    session,
    tickets,
)

api = NinjaAPI(
    title="Sluicegate",
    version=__version__,
    description="Tickets for database changes, approved in DingTalk, executed exactly as approved.",
    auth=AUTH,
    openapi_url="/openapi.json",
    docs_url="/docs",
    urls_namespace="api",
)
problems.install(api)
api.add_router("", session.router, tags=["session"])
api.add_router("", accounts.router, tags=["people"])
api.add_router("", grants.router, tags=["access"])
api.add_router("", datasources.router, tags=["data sources"])
api.add_router("", approvals.router, tags=["approval settings"])
api.add_router("", tickets.router, tags=["tickets"])
api.add_router("", policies.router, tags=["policies"])
api.add_router("", notifications.router, tags=["notifications"])
api.add_router("", audit.router, tags=["audit"])
