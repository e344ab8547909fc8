"""Stands in for the service's parts, to see what a supervisor does with them.

Usage: stub.py LOG web|worker|listener|migrate. Adds a line to LOG for what it does.
"""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sluicegate.core import parent


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Quietly."""


def main() -> int:
    log, part = Path(sys.argv[1]), sys.argv[2]

    def note(*words: object) -> None:
        with log.open("a") as file:
            file.write(" ".join(map(str, words)) + "\n")

    parent.die_with_supervisor()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if part == "migrate":
        note("migrate", os.environ["DATABASE_URL"])
        return int(os.environ.get("STUB_MIGRATE", "0"))
    if os.environ.get("STUB_FAILS") == part:
        note(part, "failed")
        return 1
    if part == "web":
        address = ("127.0.0.1", int(os.environ["SLUICEGATE_PORT"]))
        server = http.server.HTTPServer(address, Ready)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        helper = subprocess.Popen(["/bin/sleep", "600"])  # as a server has its own processes
        note("helper", helper.pid)
    note(part, os.getpid())
    while not stop.wait(0.05):
        pass
    if os.environ.get("STUB_STUBBORN") == part:
        note(part, "ignores it")
        while True:
            stop.clear()
            stop.wait()
    if part == "web":
        helper.kill()
        helper.wait()
    note(part, "stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
