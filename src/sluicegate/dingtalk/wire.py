"""Reading JSON from DingTalk leniently: quoted numbers and booleans, absent keys, unknown extras.

The pages' samples and the wire disagree (``"errcode": "0"``, ``"success": "true"``), so a value of either
shape is taken. What can't be understood at all raises ``Unreadable``, which never leaves this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sluicegate.dingtalk.errors import VendorAnswer

# A JSON object just parsed: its values are looked at only by the functions below.
Json = Mapping[str, Any]

_CHINA = timezone(timedelta(hours=8))


class Unreadable(ValueError):
    """An answer has not the shape that it must have."""


def obj(value: object) -> Json:
    if not isinstance(value, Mapping):
        raise Unreadable("an object was expected")
    return value


def objects(value: object) -> list[Json]:
    """The objects of a list; an absent list is empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable("a list was expected")
    return [obj(item) for item in value]


def texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Unreadable("a list was expected")
    return tuple(text(item) for item in value)


def text(value: object) -> str:
    """A scalar as text; absent is empty. User ids keep their leading zeros because they come as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, int | float):
        return str(value)
    raise Unreadable("a text was expected")


def _storable(value: str) -> str:
    """Without NUL and lone surrogates, which JSON can carry and PostgreSQL can't keep: somebody's remark must not
    stop the reading of an approval."""
    if "\0" in value:
        value = value.replace("\0", "")
    return value.encode("utf-8", "replace").decode()


def needed(value: object) -> str:
    """A text that must be there."""
    found = text(value)
    if not found:
        raise Unreadable("a value is missing")
    return found


def whole(value: object) -> int:
    try:
        return int(text(value))
    except ValueError as error:
        raise Unreadable("a whole number was expected") from error


def numbers(value: object) -> tuple[int, ...]:
    """A list of numbers, or what one documentation sample shows: the text ``"[2,3,4]"``."""
    if isinstance(value, str):
        return tuple(whole(part) for part in value.strip("[] ").split(",") if part.strip())
    return tuple(whole(part) for part in texts(value))


def flag(value: object) -> bool:
    return text(value).strip().lower() in {"true", "1"}


def moment(value: object) -> datetime | None:
    """A point in time from any form DingTalk uses, else None. For display only: its zone is not reliable.

    ``2022-08-31T11:52Z``, the same with seconds or an offset, ``2022-08-31 11:52:00`` (China time, as the old
    pages say), or milliseconds since 1970.
    """
    if isinstance(value, bool) or value is None:
        return None
    raw = str(value).strip()
    try:
        if raw.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(raw) / 1000, tz=UTC)
        parsed = datetime.fromisoformat(raw)
    except (ValueError, OverflowError, OSError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=_CHINA)


def lowered(body: Json) -> dict[str, Any]:
    """The same object with lower-case keys: error envelopes come as ``requestid``, ``requestId``, ``RequestId``."""
    return {key.lower(): value for key, value in body.items()}


def refusal_in(http_status: int, body: Json) -> VendorAnswer | None:
    """The refusal that an answer holds, or None when it reports success.

    Both hosts' forms are looked for on both: the new host answers an unknown path in the old host's form, with
    status 200. The punish page's JSON (``{"status":1111,"punish":"deny"}``) counts as a refusal.
    """
    fields = lowered(body)
    errcode = _scalar(fields.get("errcode"))
    if errcode not in {"", "0"}:
        return _old_refusal(http_status, errcode, fields)
    if "punish" in fields and _scalar(fields.get("status")):
        return VendorAnswer(code=_scalar(fields["status"]), http_status=http_status)
    if 200 <= http_status < 300:
        return None
    code = _scalar(fields.get("code"))
    if not code:
        raise Unreadable("an error without a code")
    denied = fields.get("accessdenieddetail")
    scopes = lowered(denied).get("requiredscopes") if isinstance(denied, Mapping) else None
    return VendorAnswer(
        code=code,
        message=_scalar(fields.get("message")),
        request_id=_scalar(fields.get("requestid")),
        http_status=http_status,
        required_scopes=tuple(_scalar(s) for s in scopes) if isinstance(scopes, list) else (),
    )


def _old_refusal(http_status: int, errcode: str, fields: Json) -> VendorAnswer:
    # 88 means "see the sub-code"; the whole text is in errmsg, the better one in sub_msg.
    errmsg, sub_msg = _scalar(fields.get("errmsg")), _scalar(fields.get("sub_msg"))
    return VendorAnswer(
        code=_scalar(fields.get("sub_code")) or _subcode_of(errmsg) or errcode,
        message=max(sub_msg, errmsg, key=_tells),
        request_id=_scalar(fields.get("request_id")),
        http_status=http_status,
    )


def _subcode_of(errmsg: str) -> str:
    # "ding talk error[subcode=60011,submsg=没有调用该接口的权限]": captured without a sub_code beside it.
    _, found, rest = errmsg.partition("[subcode=")
    return rest.split(",", 1)[0].strip() if found else ""


def _tells(message: str) -> tuple[bool, bool]:
    """Prefers the text that holds the address or link a person needs; else the first, which is the plainer."""
    return ("request ip=" in message or "https://" in message, bool(message))


def _scalar(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
