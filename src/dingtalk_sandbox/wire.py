"""Reading what callers send: tolerant of content types, strict about types of fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from dingtalk_sandbox.errors import Refusal, missing
from dingtalk_sandbox.model import App

JsonObject = dict[str, Any]


class BadField(Exception):
    """A field has a type that cannot be read; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Fields:
    """A JSON object, form or query string whose fields are asked for by name and type.

    Blank strings count as absent, as they do at DingTalk's gateway, except through ``raw_text``.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def names(self) -> Iterable[str]:
        return self._values.keys()

    def dump(self) -> JsonObject:
        return dict(self._values)

    def text(self, name: str, default: str = "") -> str:
        value = self._values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise BadField(name)
        return str(value)

    def raw_text(self, name: str) -> str | None:
        """The string as it was sent, or None; anything but a string is a BadField."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise BadField(name)
        return value

    def need_text(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Refusal(missing(name))
        return value

    def integer(self, name: str) -> int | None:
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadField(name)
        try:
            return int(value)
        except ValueError as error:
            raise BadField(name) from error

    def number(self, name: str, default: float) -> float:
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadField(name)
        return float(value)

    def flag(self, name: str) -> bool | None:
        value = self._values.get(name)
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        if value is None or value == "":
            return None
        if not isinstance(value, bool):
            raise BadField(name)
        return value

    def items(self, name: str) -> list[Fields]:
        found: list[Fields] = []
        for item in self._list(name):
            if not isinstance(item, dict):
                raise BadField(name)
            found.append(Fields(item))
        return found

    def texts(self, name: str) -> list[str]:
        """A list of strings; numbers in it are read as strings, and a bare string as a list of one."""
        value = self._values.get(name)
        if isinstance(value, str):
            return [value]
        texts: list[str] = []
        for item in self._list(name):
            if isinstance(item, bool) or not isinstance(item, str | int):
                raise BadField(name)
            texts.append(str(item))
        return texts

    def integers(self, name: str) -> list[int]:
        try:
            return [int(text) for text in self.texts(name)]
        except ValueError as error:
            raise BadField(name) from error

    def numbers(self, name: str) -> tuple[float, ...]:
        found: list[float] = []
        for item in self._list(name):
            if isinstance(item, bool) or not isinstance(item, int | float):
                raise BadField(name)
            found.append(float(item))
        return tuple(found)

    def pairs(self, name: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for item in self._list(name):
            match item:
                case [str(first), str(second)]:
                    found.append((first, second))
                case _:
                    raise BadField(name)
        return found

    def sub(self, name: str) -> Fields:
        value = self._values.get(name)
        if value is None:
            return Fields({})
        if not isinstance(value, dict):
            raise BadField(name)
        return Fields(value)

    def _list(self, name: str) -> list[object]:
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise BadField(name)
        return value


@dataclass(frozen=True, slots=True)
class Call:
    """One call as a handler sees it. ``base`` is the address the caller used, without a slash."""

    method: str
    path: str
    query: Fields
    body: Fields
    base: str
    client_ip: str
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    _app: App | None = None

    @property
    def app(self) -> App:
        """The app whose token came with the call; only for endpoints that need one."""
        if self._app is None:
            raise LookupError("this endpoint takes no app token")
        return self._app

    def param(self, name: str) -> str:
        """A parameter that the old host takes from the body or the query."""
        return self.body.text(name) or self.query.text(name)


def parse_body(raw: bytes, content_type: str) -> JsonObject | None:
    """A JSON object or a form, whichever it is; None when it is neither."""
    text = raw.decode("utf-8", "replace").strip()
    if text.startswith("{"):
        try:
            value = json.loads(text)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None
    if "json" in content_type or not text:
        return None
    return dict(parse_qsl(text, keep_blank_values=True))


_SECRET_FIELDS = frozenset(
    {
        "access_token",
        "aes_key",
        "appSecret",
        "app_secret",
        "appsecret",
        "clientSecret",
        "client_secret",
        "code",
        "corpsecret",
        "refreshToken",
        "sign",
        "ticket",
        "token",
    }
)


def without_secrets(value: Mapping[str, object]) -> JsonObject:
    """The object with the values of secret fields masked, for the request log."""
    return {key: "***" if key in _SECRET_FIELDS and item else item for key, item in value.items()}
