"""Identifiers in DingTalk's formats (documented or observed)."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime, timedelta, timezone

_CHINA = timezone(timedelta(hours=8))
_UPPER = string.ascii_uppercase + string.digits


def _pick(alphabet: str, count: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(count))


def token() -> str:
    return secrets.token_hex(16)


def request_id() -> str:
    """The new host's: an upper-case UUID."""
    raw = secrets.token_hex(16).upper()
    return "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))


def old_request_id() -> str:
    return _pick(string.ascii_lowercase + string.digits, 12)


def process_code() -> str:
    return f"PROC-{request_id()}"


def instance_id(now: int) -> str:
    """22 characters of base64url, 4 digits, epoch seconds."""
    return f"{secrets.token_urlsafe(16)[:22]}{_pick(string.digits, 4)}{now // 1000:010d}"


def looks_like_instance_id(text: str) -> bool:
    return len(text) == 36 and text[22:].isdigit()


def business_id(now: int, number: int) -> str:
    """``yyyyMMddHHmm`` in China's time and nine digits."""
    moment = datetime.fromtimestamp(now / 1000, tz=_CHINA)
    return f"{moment:%Y%m%d%H%M}{number % 1_000_000_000:09d}"


def control_id(component_type: str) -> str:
    return f"{component_type}_{_pick(_UPPER, 12)}"


def event_id() -> str:
    return secrets.token_hex(16)


def message_id() -> str:
    """As in ``213d841d_972_1898bb26334_70a7``."""
    return (
        f"{secrets.token_hex(4)}_{secrets.randbelow(9000)}_{secrets.token_hex(6)[:11]}_{secrets.token_hex(2)}"
    )


def minute(now: int | None, offset_minutes: int) -> str | None:
    """``2022-08-31T11:52Z``: minute precision, a Z whatever the zone really is."""
    if now is None:
        return None
    moment = datetime.fromtimestamp(now / 1000, tz=UTC) + timedelta(minutes=offset_minutes)
    return f"{moment:%Y-%m-%dT%H:%MZ}"
