"""First layer: one HTTP exchange with DingTalk, and what is known when it fails.

Addresses of the old host carry the token in the query, so no httpx text (which quotes them) goes into an
error or a log: httpx's own request log is filtered here.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from sluicegate.dingtalk.errors import ConnectionLost, NotConnected, OutcomeInDoubt
from sluicegate.dingtalk.vendor_codes import undecided
from sluicegate.dingtalk.wire import Json

_SECRET_IN_QUERY = re.compile(r"((?:access_token|ticket|appsecret|code)=)[^&\s\"]+", re.IGNORECASE)

# Raised before a byte of the request is on its way.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class _HideSecrets(logging.Filter):
    """httpx logs whole addresses at INFO."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(arg) for arg in record.args)
        return True


def _hidden(arg: object) -> object:
    return _SECRET_IN_QUERY.sub(r"\1***", str(arg)) if isinstance(arg, httpx.URL) else arg


_HIDE_SECRETS = _HideSecrets()


@dataclass(frozen=True)
class Timeouts:
    """Seconds; ``answer`` is the longest silence while waiting for the answer."""

    connect: float = 5.0
    answer: float = 15.0


@dataclass(frozen=True)
class Reply:
    """An answer that was readable JSON. ``body`` is whatever object came, an error's included."""

    status: int
    body: Json


class Transport:
    """Sends JSON, receives JSON. Thread-safe; close it, or use it as a context manager.

    Changing calls never reuse a connection: a kept-alive one that the server has just closed fails in a way
    that leaves open whether the request arrived, and doubt costs more than a handshake.
    """

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        limits = timeouts or Timeouts()
        timeout = httpx.Timeout(limits.answer, connect=limits.connect)
        context = httpx.create_ssl_context()
        self._reading = httpx.Client(timeout=timeout, verify=context)
        self._changing = httpx.Client(
            timeout=timeout, verify=context, limits=httpx.Limits(max_keepalive_connections=0)
        )
        logging.getLogger("httpx").addFilter(_HIDE_SECRETS)

    def send(
        self,
        method: str,
        url: str,
        *,
        changing: bool,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> Reply:
        """One exchange.

        Raises:
            NotConnected: nothing was sent.
            OutcomeInDoubt: (changing) sent, but no readable answer; TemporarilyUnavailable: the same for a read.
        """
        client = self._changing if changing else self._reading
        sent_headers = {"Accept": "application/json", **(headers or {})}
        try:
            response = client.request(method, url, headers=sent_headers, params=query, json=payload)
        except _NOT_SENT as error:
            # "from None": the text of httpx's errors may quote the address, token and all.
            raise NotConnected(reason=type(error).__name__) from None
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            reason = type(error).__name__
            raise (OutcomeInDoubt if changing else ConnectionLost)(reason=reason) from None
        except httpx.HTTPError as error:
            raise undecided(changing, reason=type(error).__name__) from None
        return self._read(response, changing)

    @staticmethod
    def _read(response: httpx.Response, changing: bool) -> Reply:
        if response.has_redirect_location:
            # Never followed: it would take the token elsewhere. DingTalk doesn't redirect; proxies and portals do.
            raise undecided(changing, reason=f"redirect_{response.status_code}")
        try:
            body = json.loads(response.content)
        except (ValueError, RecursionError):  # the latter from nesting that no answer of DingTalk's has
            body = None
        if not isinstance(body, dict):
            # The punish page and proxies answer in HTML, some with status 200.
            raise undecided(changing, reason=f"unreadable_{response.status_code}")
        return Reply(status=response.status_code, body=body)

    def close(self) -> None:
        self._reading.close()
        self._changing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
