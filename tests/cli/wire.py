"""Between the command line and the service: a wire that breaks, and servers that are something else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Passes connections on. The first ``breaks`` answers for which ``when`` holds (of the request's first
    line) are cut off: before their first byte, or after the first event of a stream."""

    def __init__(self, url: str, when: str, breaks: int = 1, *, after: bytes = b"") -> None:
        place = urlsplit(url)
        self._target = (place.hostname, place.port or 80)
        self._when, self._left, self._after = when.encode(), breaks, after
        self._lock = threading.Lock()
        self.requests: list[str] = []
        self.broken = 0

    def handle(self, near: socket.socket) -> None:
        with near, socket.create_connection(self._target) as far:
            head = _head(near)
            if not head:
                return
            line = head.split(b"\r\n", 1)[0]
            self.requests.append(line.decode())
            far.sendall(head)
            threading.Thread(target=_pump, args=(near, far), daemon=True).start()
            try:
                if self._breaks(line):
                    self._cut(far, near)
                else:
                    _pump(far, near)
            finally:
                with suppress(OSError):  # the client is gone already
                    near.shutdown(socket.SHUT_RDWR)  # closing alone says nothing while the pump reads from it

    def _breaks(self, line: bytes) -> bool:
        with self._lock:
            if self._when not in line or self._left == 0:
                return False
            self._left -= 1
            self.broken += 1
            return True

    def _cut(self, far: socket.socket, near: socket.socket) -> None:
        """Wait for the answer, so that the service has done its work, and keep it back."""
        seen = b""
        while not (self._after in seen if self._after else seen):
            data = far.recv(65536)
            if not data:
                return
            if self._after:
                near.sendall(data)
            seen += data


def _head(near: socket.socket) -> bytes:
    """All of the request's head, and what came along, asking for one request per connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = near.recv(65536)
        if not more:
            return b""
        data += more
    return data.replace(b"connection: keep-alive", b"connection: close").replace(
        b"Connection: keep-alive", b"Connection: close"
    )


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        return  # the other side is gone


@contextmanager
def listening(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server whose connections ``handle`` sees to, each in a thread. Gives its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return  # closed: the test is over
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
