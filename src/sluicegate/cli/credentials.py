"""Which service the commands speak to, and as whom."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from sluicegate.core.config import PREFIX
from sluicegate.core.errors import ConfigurationError, NotAuthenticated

URL_VARIABLE = PREFIX + "URL"
TOKEN_VARIABLE = PREFIX + "TOKEN"
PASSWORD_VARIABLE = PREFIX + "PASSWORD"
DEFAULT_URL = "http://127.0.0.1:8180"


@dataclass(frozen=True, slots=True)
class Credentials:
    """``token_id`` is what `logout` revokes; None for a token from the environment."""

    url: str
    token: str = field(repr=False)
    token_id: int | None = None
    username: str = ""


def path() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "sluicegate" / "credentials.json"


def checked_url(url: str) -> str:
    """Raises ConfigurationError ``url_invalid`` for what isn't http:// or https://."""
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError("url_invalid", url=url)
    return url.rstrip("/")


def current() -> Credentials:
    """The environment's, else those that `login` stored.

    A stored token goes only to the service it was made for, whatever address the environment names.

    Raises:
        NotAuthenticated: ``not_logged_in``.
    """
    stored = load()
    url = checked_url(os.environ.get(URL_VARIABLE) or (stored.url if stored else DEFAULT_URL))
    token = os.environ.get(TOKEN_VARIABLE)
    if token:
        return Credentials(url, token.strip())
    if stored is None or stored.url != url:
        raise NotAuthenticated("not_logged_in", url=url)
    return stored


def service_url(given: str | None = None) -> str:
    """The address alone, for what needs no token."""
    stored = load()
    return checked_url(given or os.environ.get(URL_VARIABLE) or (stored.url if stored else DEFAULT_URL))


def load() -> Credentials | None:
    """What `login` stored.

    Raises:
        ConfigurationError: ``credentials_unreadable``.
    """
    try:
        values = json.loads(path().read_text(encoding="utf-8"))
        return Credentials(
            url=str(values["url"]),
            token=str(values["token"]),
            token_id=int(values["token_id"]),
            username=str(values["username"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError("credentials_unreadable", path=str(path())) from error


def store(credentials: Credentials) -> None:
    """Write the file anew, readable by its owner alone, or leave the old one as it is."""
    target = path()
    values = {
        "url": credentials.url,
        "token": credentials.token,
        "token_id": credentials.token_id,
        "username": credentials.username,
    }
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp makes it with mode 0600.
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".credentials-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(values, file)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigurationError(
            "credentials_unwritable", path=str(target), problem=error.strerror or str(error)
        ) from error


def forget() -> None:
    path().unlink(missing_ok=True)
