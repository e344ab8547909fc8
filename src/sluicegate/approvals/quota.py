"""What of the month's DingTalk calls and events is used up.

DingTalk bills by organisation and calendar month, and has no call that tells what is left, so we count
ourselves; other apps of the organisation share the amount and aren't seen: our numbers are a lower bound.

A call is counted when it was made, whatever becomes of the work it belongs to. So it is written at once, unless
the caller is in a transaction, which may roll back: then it is kept in memory and written after the commit, or
with this process's next call or tick. That is one short UPDATE for each HTTPS call.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals.models import DingTalkConnection, QuotaMonth
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core.errors import Conflict, InvalidInput
from sluicegate.core.log import logger
from sluicegate.dingtalk import endpoints
from sluicegate.dingtalk.errors import AddressThrottled, NotConnected, QpsLimited, QuotaExhausted

_log = logger(__name__)

OWN = "own"
PLANS = {"standard": (5_000, 3_000), "pro": (200_000, 50_000)}
"""Calls and events a month, as sold since 2025-11-19 (open.dingtalk.com, API call quotas)."""

_ZONE = ZoneInfo("Asia/Shanghai")
WARN_PERCENT = 80
FAIL_PERCENT = 95
_MOST = 2_000_000_000  # what the column holds

# Token, login and contacts calls are free of charge.
_FREE = frozenset(
    endpoint.name
    for endpoint in (
        endpoints.APP_TOKEN,
        endpoints.USER_TOKEN,
        endpoints.OWN_PROFILE,
        endpoints.USER_BY_MOBILE,
        endpoints.USER,
        endpoints.USER_BY_UNIONID,
        endpoints.USER_BY_AUTH_CODE,
        endpoints.DEPARTMENT_CHILDREN,
        endpoints.DEPARTMENT_USERS,
        endpoints.AUTH_SCOPES,
    )
)
# Refused for the limits of pace, or never sent: not counted by DingTalk either.
_UNCOUNTED = frozenset(
    kind.default_code for kind in (QpsLimited, AddressThrottled, NotConnected, QuotaExhausted)
)
_FREE_EVENTS = ("user_", "org_", "label_")  # changes of the contacts


@dataclass(frozen=True, slots=True)
class Usage:
    """This month so far. ``exhausted``: DingTalk has said that the calls are used up."""

    month: str
    plan: str
    calls: int
    call_limit: int
    events: int
    event_limit: int
    exhausted: bool

    @property
    def calls_percent(self) -> int:
        return self.calls * 100 // self.call_limit

    @property
    def percent(self) -> int:
        """Of calls or events, whichever is nearer its end."""
        return max(self.calls_percent, self.events * 100 // self.event_limit)

    @property
    def status(self) -> str:
        if self.exhausted or self.percent >= FAIL_PERCENT:
            return "fail"
        return "warn" if self.percent >= WARN_PERCENT else "pass"


@dataclass
class _Pending:
    calls: int = 0
    exhausted: bool | None = None  # what DingTalk showed last


@dataclass
class _Unwritten:
    lock: Lock = field(default_factory=Lock)
    by_month: defaultdict[tuple[str, str], _Pending] = field(default_factory=lambda: defaultdict(_Pending))


_unwritten = _Unwritten()


def month_of(moment: datetime) -> str:
    return moment.astimezone(_ZONE).strftime("%Y-%m")


# ---------------------------------------------------------------- counting


def observed(corp_id: str, name: str, outcome: str) -> None:
    """Count a call that the client made. ``outcome`` is ``ok`` or an error code."""
    if name in _FREE:
        return
    exhausted = outcome == QuotaExhausted.default_code
    if outcome in _UNCOUNTED and not exhausted:
        return
    with _unwritten.lock:
        pending = _unwritten.by_month[corp_id, month_of(timezone.now())]
        pending.calls += 0 if exhausted else 1
        if exhausted or outcome == "ok":
            pending.exhausted = exhausted
    if connection.in_atomic_block:
        transaction.on_commit(flush)
    else:
        flush()


def flush() -> None:
    """Write what was counted. What can't be written now stays for the next time: no call fails for it."""
    with _unwritten.lock:
        taken = dict(_unwritten.by_month)
        _unwritten.by_month.clear()
    for (corp_id, month), pending in taken.items():
        try:
            _add(corp_id, month, calls=pending.calls)
            _mark(corp_id, month, pending.exhausted)
        except DatabaseFailure as error:
            _log.warning("dingtalk_quota_not_written", error=type(error).__name__)
            _keep(corp_id, month, pending)


def _keep(corp_id: str, month: str, pending: _Pending) -> None:
    with _unwritten.lock:
        newer = _unwritten.by_month[corp_id, month]
        newer.calls += pending.calls
        newer.exhausted = pending.exhausted if newer.exhausted is None else newer.exhausted


def count_event(event_type: str, corp_id: str) -> None:
    """Count an event, in the transaction that keeps it: one that isn't kept is delivered again."""
    if event_type.startswith(_FREE_EVENTS):
        return
    if not corp_id:
        current = DingTalkConnection.objects.filter(enabled=True).first()
        corp_id = current.corp_id if current is not None else ""
    _add(corp_id, month_of(timezone.now()), events=1)


def _add(corp_id: str, month: str, *, calls: int = 0, events: int = 0) -> None:
    rows = QuotaMonth.objects.filter(corp_id=corp_id, month=month)
    if not rows.update(calls=F("calls") + calls, events=F("events") + events):
        QuotaMonth.objects.bulk_create([QuotaMonth(corp_id=corp_id, month=month)], ignore_conflicts=True)
        rows.update(calls=F("calls") + calls, events=F("events") + events)


def _mark(corp_id: str, month: str, exhausted: bool | None) -> None:
    rows = QuotaMonth.objects.filter(corp_id=corp_id, month=month)
    if exhausted:
        rows.filter(exhausted_at=None).update(exhausted_at=timezone.now())
    elif exhausted is not None:
        rows.exclude(exhausted_at=None).update(exhausted_at=None)


# ---------------------------------------------------------------- what is left


def usage(current: DingTalkConnection) -> Usage:
    month = month_of(timezone.now())
    row = QuotaMonth.objects.filter(corp_id=current.corp_id, month=month).first()
    row = row or QuotaMonth(corp_id=current.corp_id, month=month)
    calls, events = PLANS.get(current.plan, (current.plan_calls, current.plan_events))
    return Usage(month, current.plan, row.calls, calls, row.events, events, row.exhausted_at is not None)


def sparing(current: DingTalkConnection) -> int | None:
    """How many times longer to wait between readings; None: read nothing that nobody asks for."""
    now = usage(current)
    if now.exhausted:
        return None
    if now.calls_percent >= FAIL_PERCENT:
        return 4
    return 2 if now.calls_percent >= WARN_PERCENT else 1


def show(*, by: User) -> Usage:
    """Raises: Conflict: ``dingtalk_not_configured``."""
    require(by, Permission.SETTINGS_MANAGE)
    return usage(_current())


def set_plan(*, by: User, plan: str, calls: int = 0, events: int = 0) -> Usage:
    """Say what the organisation has bought: ``standard``, ``pro``, or ``own`` with both numbers.

    Raises:
        InvalidInput: ``dingtalk_plan_invalid``.
        Conflict: ``dingtalk_not_configured``.
    """
    require(by, Permission.SETTINGS_MANAGE)
    numbers_fit = 0 < calls <= _MOST and 0 < events <= _MOST if plan == OWN else calls == events == 0
    if (plan != OWN and plan not in PLANS) or not numbers_fit:
        raise InvalidInput("dingtalk_plan_invalid")
    with unit_of_work():
        current = _current()
        current.plan, current.plan_calls, current.plan_events = plan, calls, events
        current.save(update_fields=["plan", "plan_calls", "plan_events", "updated_at"])
        # A larger plan may have ended it; if not, DingTalk says so again.
        _mark(current.corp_id, month_of(timezone.now()), False)
        record(by.actor, "dingtalk.plan_set", "dingtalk", current.pk, plan=plan, calls=calls, events=events)
    return usage(current)


def _current() -> DingTalkConnection:
    current = DingTalkConnection.objects.filter(enabled=True).first()
    if current is None:
        raise Conflict("dingtalk_not_configured")
    return current
