"""The application that the HTTP server loads, in the process that serves."""

from __future__ import annotations

import os
import signal

from django.utils.module_loading import import_string

from sluicegate.core import log, parent
from sluicegate.core.config import config
from sluicegate.project.router import Router
from sluicegate.project.wsgi import application as wsgi

log.configure(config(), "web")
# Killed, not asked: a request to stop may reach the event loop just before it goes to sleep, and then only counts
# when the next connection comes. A parent that stops in order stops us first.
parent.die_with(os.getppid(), signal.SIGKILL)
# By name: the API is a layer above.
application = Router(import_string("sluicegate.web.live.application"), wsgi, config().web_threads)
