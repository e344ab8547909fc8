"""The HTTP server."""

from __future__ import annotations

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from sluicegate.core.config import Config

_GRACE_SECONDS = 10  # for answers under way; endless ones are told to end


def serve(config: Config, application: str = "sluicegate.project.asgi:application") -> None:
    """Serve the application on the configured address until SIGTERM or SIGINT.

    One process: what limits it is the database, and more processes are more machines' business.
    """
    Server(
        target=application,
        address=config.host,
        port=config.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=1,
        workers_kill_timeout=_GRACE_SECONDS,
        log_level=LogLevels.warning,
        process_name=None,
    ).serve()
