"""All paths of the service (server-sent events are routed in ``asgi``)."""

from __future__ import annotations

from django.urls import path

from sluicegate.web import site
from sluicegate.web.api import api

urlpatterns = [
    path("", site.front_page),
    path("healthz", site.healthz),
    path("readyz", site.readyz),
    path("metrics", site.metrics),
    path("api/v1/", api.urls),
]
