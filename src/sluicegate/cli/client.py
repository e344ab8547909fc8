"""The REST API as the commands use it: typed answers, typed errors, safe repetition."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from sluicegate.cli import credentials
from sluicegate.cli.language import language
from sluicegate.core.errors import SluicegateError, Unavailable

T = TypeVar("T")
Query = Mapping[str, str | int | bool | Sequence[str] | None]

API = "/api/v1"
_TIMEOUT = httpx.Timeout(120, connect=10)
_PAUSES = (0.2, 0.5, 1.0)  # seconds before each repetition


class ApiError(SluicegateError):
    """What the service answered instead: its own sentence and its own stable code."""

    def __init__(self, status: int, problem_code: str, detail: str) -> None:
        super().__init__("api_problem", detail=detail)
        self.http_status = status
        self.problem_code = problem_code


class ForeignAnswer(SluicegateError):
    """An answer that isn't the service's."""


class _Problem(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart form with one file, sent byte for byte."""

    fields: Mapping[str, str]
    filename: str
    content: bytes = field(repr=False)


class Client:
    """One service, as one person. Close it, or use it as a context manager."""

    def __init__(self, url: str, token: str = "") -> None:
        headers = {"Accept": "application/json", "Accept-Language": language()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.url = url
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    # ------------------------------------------------------------ requests

    def get(self, path: str, shape: type[T], query: Query | None = None) -> T:
        return _parse(self._repeat("GET", API + path, params=_query(query)), shape)

    def get_bytes(self, path: str, query: Query | None = None) -> bytes:
        return self._repeat("GET", API + path, params=_query(query)).content

    def probe(self, path: str) -> httpx.Response:
        """Any address, any status: for the doctor."""
        return self._send("GET", path)

    def create(self, path: str, shape: type[T], body: object | Upload = None) -> T:
        """A POST that creates something, under a key that makes its repetition harmless."""
        key = uuid.uuid4()
        headers = {"Idempotency-Key": str(key)}
        if isinstance(body, Upload):
            # Else each repetition would have a boundary of its own, and not be the same request.
            headers["Content-Type"] = f"multipart/form-data; boundary={key.hex}"
            files = {"file": (body.filename, body.content, "application/octet-stream")}
            answer = self._repeat("POST", API + path, headers=headers, data=dict(body.fields), files=files)
        else:
            answer = self._repeat("POST", API + path, headers=headers, json=body)
        return _parse(answer, shape)

    def post(self, path: str, shape: type[T], body: object = None) -> T:
        """A POST that must not be repeated."""
        return _parse(self._send_json("POST", path, body), shape)

    def order(self, path: str, body: object = None) -> None:
        """A POST whose answer is empty."""
        self._send_json("POST", path, body)

    def put(self, path: str, shape: type[T], body: object) -> T:
        return _parse(self._send_json("PUT", path, body), shape)

    def patch(self, path: str, shape: type[T], body: object) -> T:
        return _parse(self._send_json("PATCH", path, body), shape)

    def delete(self, path: str) -> None:
        self._send_json("DELETE", path, None)

    @contextmanager
    def stream(self, path: str, silence_seconds: float) -> Iterator[Iterator[str]]:
        """The lines of an event stream that says something at least every ``silence_seconds``.

        Raises:
            Unavailable: ``server_unreachable``, also in the middle of it.
        """
        timeout = httpx.Timeout(silence_seconds, connect=10)
        try:
            with self._http.stream(
                "GET", API + path, headers={"Accept": "text/event-stream"}, timeout=timeout
            ) as response:
                if not response.is_success:
                    response.read()
                    raise _problem(response)
                yield response.iter_lines()
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    # ------------------------------------------------------------ how

    def _send_json(self, method: str, path: str, body: object) -> httpx.Response:
        return _checked(self._send(method, API + path, json=body))

    def _repeat(self, method: str, path: str, **parts: object) -> httpx.Response:
        """Send what may be sent twice, again after each failure of the connection."""
        for pause in _PAUSES:
            try:
                return _checked(self._send(method, path, **parts))
            except Unavailable:
                time.sleep(pause)
        return _checked(self._send(method, path, **parts))

    def _send(self, method: str, path: str, **parts: object) -> httpx.Response:
        if parts.get("json", ...) is None:
            del parts["json"]
        try:
            return self._http.request(method, path, **parts)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        except httpx.InvalidURL as error:
            raise Unavailable("server_unreachable", url=self.url, problem=str(error)) from error

    def _unreachable(self, error: httpx.TransportError) -> Unavailable:
        return Unavailable("server_unreachable", url=self.url, problem=str(error) or type(error).__name__)


def connect() -> Client:
    """A client with the current credentials."""
    who = credentials.current()
    return Client(who.url, who.token)


def _query(query: Query | None) -> list[tuple[str, str | int | bool]] | None:
    """Without what isn't set; a list becomes a repeated parameter."""
    if query is None:
        return None
    pairs: list[tuple[str, str | int | bool]] = []
    for name, value in query.items():
        if isinstance(value, str | int):
            if value != "":
                pairs.append((name, value))
        elif value is not None:
            pairs += [(name, item) for item in value]
    return pairs


def _checked(response: httpx.Response) -> httpx.Response:
    if not response.is_success:
        raise _problem(response)
    return response


def _problem(response: httpx.Response) -> SluicegateError:
    try:
        problem = _Problem.model_validate_json(response.content)
    except ValidationError:
        # Not ours: a proxy in between, or another service altogether.
        url = f"{response.url.scheme}://{response.url.netloc.decode('ascii')}"
        return ForeignAnswer("answer_foreign", url=url, status=response.status_code)
    return ApiError(response.status_code, problem.code, problem.detail)


def _parse(response: httpx.Response, shape: type[T]) -> T:
    try:
        return TypeAdapter(shape).validate_json(response.content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ForeignAnswer(
            "answer_unexpected", path=response.url.path, field=where, problem=first["msg"]
        ) from error
