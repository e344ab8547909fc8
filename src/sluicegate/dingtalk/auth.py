"""Second layer: calls in the app's name. Token, pace, typed refusals, and retries where they can't hurt."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Generic, TypeVar

from sluicegate.dingtalk import endpoints
from sluicegate.dingtalk.circuit import Pace
from sluicegate.dingtalk.config import Credentials, Hosts
from sluicegate.dingtalk.endpoints import Endpoint, Host
from sluicegate.dingtalk.errors import (
    AddressThrottled,
    CircuitOpen,
    ConnectionLost,
    DingTalkError,
    MissingPermission,
    NotConnected,
    QpsLimited,
    TokenInvalid,
)
from sluicegate.dingtalk.http import Reply, Transport
from sluicegate.dingtalk.limits import LocalPace
from sluicegate.dingtalk.vendor_codes import refusal, undecided
from sluicegate.dingtalk.wire import Json, Unreadable, needed, refusal_in, whole

T = TypeVar("T")
Query = Mapping[str, str]
Payload = Mapping[str, Any]

_REFRESH_EARLY = 300.0
"""Seconds before its end at which a token is replaced; the page advises not to wait for the last moment."""

_SHORTEST_USE = 1.0


_LIMIT_WINDOW = 1.0
"""Seconds over which DingTalk counts calls."""

_PUNISHMENT = 300.0
"""Seconds for which DingTalk refuses everything from an address that called far too often."""


@dataclass(frozen=True)
class Retry:
    """How often a call is made again: a read after a lost connection, anything after the limit per second, which
    refuses before processing."""

    attempts: int = 3
    base: float = 1.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def pause(self, failures: int, error: DingTalkError) -> None:
        """Anything up to ``base`` seconds, doubled per failure; after the limit per second, a second more."""
        least = _LIMIT_WINDOW if isinstance(error, QpsLimited) else 0.0
        self.sleep(least + self.base * 2 ** (failures - 1) * self.jitter())


@dataclass(frozen=True)
class _Call(Generic[T]):
    endpoint: Endpoint
    parse: Callable[[Json], T]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Query = field(default_factory=dict, repr=False)
    payload: Payload | None = field(default=None, repr=False)

    def with_token(self, token: str) -> _Call[T]:
        if self.endpoint.host is Host.OAPI:
            return replace(self, query={**self.query, "access_token": token})
        return replace(self, headers={**self.headers, "x-acs-dingtalk-access-token": token})


class TokenCache:
    """One app's token, shared by all threads; fetched anew five minutes before its end.

    Args:
        fetch: asks DingTalk; returns the token and its lifetime in seconds.
        clock: monotonic seconds.
    """

    def __init__(self, fetch: Callable[[], tuple[str, float]], *, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._token = ""
        self._use_until = 0.0

    def get(self) -> str:
        """A token that should work. Threads that come while it is being fetched wait for that one."""
        with self._lock:
            if not self._token or self._clock() >= self._use_until:
                asked_at = self._clock()
                self._token, lifetime = self._fetch()
                # A test system's short tokens must still be used for a moment, or every call would fetch.
                self._use_until = asked_at + max(lifetime - _REFRESH_EARLY, lifetime / 2, _SHORTEST_USE)
            return self._token

    def drop(self, token: str) -> None:
        """Forgets this token, unless another thread has already replaced it."""
        with self._lock:
            if self._token == token:
                self._token = ""


class AppCalls:
    """Calls endpoints in the app's name. Thread-safe.

    Args:
        pace: keeps below the limit per second and away from hosts that don't answer.
        observe: told each call's name and outcome (``ok`` or an error code), for metrics and the monthly count.
    """

    def __init__(
        self,
        credentials: Credentials,
        hosts: Hosts,
        transport: Transport,
        *,
        pace: Pace | None = None,
        retry: Retry | None = None,
        clock: Callable[[], float] = time.monotonic,
        observe: Callable[[str, str], None] | None = None,
    ) -> None:
        self.credentials = credentials
        self._bases = {Host.API: hosts.api_base.rstrip("/"), Host.OAPI: hosts.oapi_base.rstrip("/")}
        self._transport = transport
        self._pace = pace or LocalPace()
        self._retry = retry or Retry()
        self._observe = observe or (lambda _name, _outcome: None)
        self._tokens = TokenCache(self._fetch_token, clock=clock)

    def call(
        self,
        endpoint: Endpoint,
        parse: Callable[[Json], T],
        *,
        query: Query | None = None,
        payload: Payload | None = None,
    ) -> T:
        """Calls with the app's token and parses the answer. A refused token is replaced once.

        A refused token is refused before processing, so that trying again is safe for changing calls too.
        """
        call = _Call(endpoint, parse, query=query or {}, payload=payload)
        token = self._tokens.get()
        try:
            return self._patiently(call.with_token(token))
        except TokenInvalid:
            self._tokens.drop(token)
        except MissingPermission:
            # A token keeps the permissions it was issued with: the next call must see newly granted ones.
            self._tokens.drop(token)
            raise
        return self._patiently(call.with_token(self._tokens.get()))

    def call_with(self, token: str, endpoint: Endpoint, parse: Callable[[Json], T]) -> T:
        """Calls with somebody else's token: a person's, after login."""
        return self._patiently(_Call(endpoint, parse).with_token(token))

    def call_openly(self, endpoint: Endpoint, parse: Callable[[Json], T], *, payload: Payload) -> T:
        """Calls without a token: the token endpoints themselves."""
        return self._patiently(_Call(endpoint, parse, payload=payload))

    def check_credentials(self) -> None:
        """Asks for a new token. Says nothing about addresses or permissions: this call is exempt from both."""
        self._fetch_token()

    def _fetch_token(self) -> tuple[str, float]:
        payload = {"appKey": self.credentials.app_key, "appSecret": self.credentials.app_secret}
        return self.call_openly(endpoints.APP_TOKEN, _token, payload=payload)

    def _patiently(self, call: _Call[T]) -> T:
        again = (QpsLimited,) if call.endpoint.changing else (NotConnected, ConnectionLost, QpsLimited)
        for failures in range(1, self._retry.attempts):
            try:
                return self._once(call)
            except again as error:
                self._retry.pause(failures, error)
        return self._once(call)

    def _once(self, call: _Call[T]) -> T:
        host = call.endpoint.host
        barred = self._pace.admit(host.value)
        if barred is not None:
            raise CircuitOpen(self._bases[host], barred.retry_at, barred.reason)
        self._pace.wait(call.endpoint.name)
        try:
            result = self._exchange(call)
        except DingTalkError as error:
            self._observe(call.endpoint.name, error.code)
            raise
        self._observe(call.endpoint.name, "ok")
        return result

    def _exchange(self, call: _Call[T]) -> T:
        endpoint = call.endpoint
        reply = self._send(call)
        try:
            answer = refusal_in(reply.status, reply.body)
            if answer is None:
                self._pace.answered(endpoint.host.value)
                return call.parse(reply.body)
        except Unreadable as error:
            self._judge(endpoint, reply.status)
            raise undecided(endpoint.changing, reason=f"unreadable_{reply.status}") from error
        refused = refusal(answer, call=endpoint.name, changing=endpoint.changing)
        self._judge(endpoint, reply.status, refused)
        raise refused

    def _send(self, call: _Call[T]) -> Reply:
        endpoint = call.endpoint
        try:
            return self._transport.send(
                endpoint.method,
                self._bases[endpoint.host] + endpoint.path,
                changing=endpoint.changing,
                headers=call.headers,
                query=call.query,
                payload=call.payload,
            )
        except DingTalkError as error:
            self._pace.failed(endpoint.host.value, str(error.params.get("reason") or error.code))
            raise

    def _judge(self, endpoint: Endpoint, status: int, refused: DingTalkError | None = None) -> None:
        """Whether this answer speaks for or against the host as a whole."""
        if isinstance(refused, AddressThrottled):
            self._pace.failed(endpoint.host.value, refused.code, _PUNISHMENT)
        elif status >= 500:
            self._pace.failed(endpoint.host.value, f"http_{status}")
        else:
            self._pace.answered(endpoint.host.value)


def _token(body: Json) -> tuple[str, float]:
    return needed(body.get("accessToken")), float(whole(body.get("expireIn")))
