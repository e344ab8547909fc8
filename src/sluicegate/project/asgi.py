"""The application that the HTTP server loads, in the process that serves."""

from __future__ import annotations

import signal

from django.utils.module_loading import import_string

from sluicegate.core import log, parent
from sluicegate.core.config import config
from sluicegate.project.router import Router
from sluicegate.project.wsgi import application as wsgi

log.configure(config(), "web")
# Killed, not asked: as long as the server hasn't set its own handlers, we have those of our parent from the fork,
# and a request to stop would be lost. A parent that stops in order stops us first.
parent.die_with_forker(signal.SIGKILL)
# By name: the API is a layer above.
application = Router(import_string("sluicegate.web.live.application"), wsgi, config().web_threads)
