"""Access tokens of apps and of people, and the codes and tickets that live shortly."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from dingtalk_sandbox import ids


@dataclass(slots=True)
class _Grant:
    subject: str
    expires: float


@dataclass(slots=True)
class ShortLived:
    """Strings that stand for a subject until they expire; some can be used only once."""

    _grants: dict[str, _Grant] = field(default_factory=dict)

    def issue(self, subject: str, ttl: float) -> str:
        key = ids.token()
        self._grants[key] = _Grant(subject, time.monotonic() + ttl)
        return key

    def look_up(self, key: str) -> str | None:
        grant = self._grants.get(key)
        if grant is None:
            return None
        if grant.expires <= time.monotonic():
            del self._grants[key]
            return None
        return grant.subject

    def take(self, key: str) -> str | None:
        """Look up and use up."""
        subject = self.look_up(key)
        self._grants.pop(key, None)
        return subject

    def renew(self, key: str, ttl: float) -> None:
        self._grants[key].expires = time.monotonic() + ttl

    def clear(self) -> None:
        self._grants.clear()


@dataclass(slots=True)
class TokenStore:
    """App tokens (one per app and host, both good on both hosts), user tokens and login codes."""

    app_tokens: ShortLived = field(default_factory=ShortLived)
    user_tokens: ShortLived = field(default_factory=ShortLived)
    refresh_tokens: ShortLived = field(default_factory=ShortLived)
    login_codes: ShortLived = field(default_factory=ShortLived)
    inapp_codes: ShortLived = field(default_factory=ShortLived)
    tickets: ShortLived = field(default_factory=ShortLived)
    _current: dict[tuple[str, str], str] = field(default_factory=dict)

    def app_token(self, app_key: str, host: str, ttl: float) -> str:
        """The token in force, renewed, or a new one."""
        current = self._current.get((app_key, host), "")
        if self.app_tokens.look_up(current) is not None:
            self.app_tokens.renew(current, ttl)
            return current
        issued = self.app_tokens.issue(app_key, ttl)
        self._current[app_key, host] = issued
        return issued

    def expire_all(self) -> None:
        """Make every access token invalid at once."""
        self.app_tokens.clear()
        self.user_tokens.clear()
