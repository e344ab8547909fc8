"""The one tree of errors that reach a person or an API client.

An error carries a stable ``code`` and its parameters, never a finished sentence: the sentence, in the
reader's language, comes from the catalogue (``core/catalogue``), where every code must have an entry.
"""

from __future__ import annotations

from typing import ClassVar

Param = str | int | float | bool | None


class SluicegateError(Exception):
    """Base of all expected errors.

    Args:
        code: stable identifier, lower_snake_case; an entry of the message catalogue.
        params: values for the message's placeholders. Never a secret.
    """

    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, code: str, /, **params: Param) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        detail = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}({detail})"


class InvalidInput(SluicegateError):
    """What was sent can't be accepted as it is."""

    status = 422


class NotAuthenticated(SluicegateError):
    status = 401


class Forbidden(SluicegateError):
    status = 403


class NotFound(SluicegateError):
    """The object doesn't exist, or the person may not know that it does."""

    status = 404


class Conflict(SluicegateError):
    """The object is not in a state that allows this; reading it again shows why."""

    status = 409


class TooLarge(SluicegateError):
    status = 413


class TooManyRequests(SluicegateError):
    status = 429
    retryable = True


class Unavailable(SluicegateError):
    """Something outside can't be reached now; the same call may succeed later."""

    status = 503
    retryable = True


class ConfigurationError(SluicegateError):
    """The service is set up wrongly; it names what to change."""

    status = 500
