"""TLS before a PostgreSQL server that has none (the wheel's build), as stunnel or a cloud's proxy does it:
answers SSLRequest, speaks TLS with the client and plain with the server."""

from __future__ import annotations

import select
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.certificates import Certificate

SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")


@contextmanager
def before(host: str, port: int, certificate: Certificate) -> Iterator[int]:
    """A proxy for the time of the block; its port on 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as directory:
        certificate.write(Path(directory))
        context.load_cert_chain(f"{directory}/server.crt", f"{directory}/server.key")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, (host, port), context), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(listener: socket.socket, server: tuple[str, int], context: ssl.SSLContext) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # shut down by the block's end
            return
        threading.Thread(target=_serve, args=(client, server, context), daemon=True).start()


def _serve(client: socket.socket, server: tuple[str, int], context: ssl.SSLContext) -> None:
    # A client that refuses the certificate just hangs up: that is what the tests want to see.
    with client, suppress(OSError):
        if client.recv(8, socket.MSG_WAITALL) != SSL_REQUEST:
            return
        client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as secure,
            socket.create_connection(server) as plain,
        ):
            while True:
                ready = [secure] if secure.pending() else select.select([secure, plain], [], [])[0]
                for source, sink in ((secure, plain), (plain, secure)):
                    if source in ready:
                        data = source.recv(65536)
                        if not data:
                            return
                        sink.sendall(data)
