"""Carrying an approval: asking the provider, reading it again, ending it. Ticket states are not written
here; whoever calls gets a value and decides."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from sluicegate.accounts.access import Place
from sluicegate.accounts.models import User
from sluicegate.approvals import quota
from sluicegate.approvals.flows import Flow
from sluicegate.approvals.models import (
    Approval,
    ApprovalState,
    ApprovalStep,
    Decision,
    DingTalkConnection,
)
from sluicegate.approvals.port import ApprovalProvider, ApprovalRequest, Outcome, Reading, StartInDoubt
from sluicegate.approvals.providers import builtin
from sluicegate.approvals.providers.dingtalk import DingTalkProvider
from sluicegate.core.errors import Conflict, SluicegateError
from sluicegate.core.log import logger
from sluicegate.dingtalk.errors import CircuitOpen, QuotaExhausted, RevokeTooEarly

_log = logger(__name__)

REMOTE: dict[str, ApprovalProvider] = {DingTalkProvider.code: DingTalkProvider()}

_BACKOFF_SECONDS = (2, 5, 15, 30, 60, 120, 300)
_AFTER_REFUSAL = 60  # somebody has to mend something first
_AFTER_CIRCUIT = 2  # spread over so many seconds, one of them is the probe
DOUBT_GRACE = timedelta(seconds=20)  # how long a started instance may take to appear in the provider's list


def remote(approval: Approval) -> ApprovalProvider | None:
    """The provider outside, None for built-in approval."""
    return REMOTE.get(approval.provider)


def open_approval(
    *,
    request: ApprovalRequest,
    flow: Flow,
    submitter: User,
    places: Sequence[Place],
    choices: Mapping[str, Sequence[str]] | None = None,
    department: int | None = None,
) -> Approval:
    """Write a new approval, in the transaction that takes the ticket to awaiting approval. A remote provider is
    asked afterwards, by a job."""
    approval = Approval.objects.create(
        reference=f"{request.number}/{request.revision}",
        ticket_number=request.number,
        revision=request.revision,
        ticket_kind=request.kind,
        sha256=request.sha256,
        submitter=submitter,
        provider=flow.provider,
        state=ApprovalState.STARTING if flow.provider in REMOTE else ApprovalState.WAITING,
        request=request.as_json(),
        choices={node: list(people) for node, people in (choices or {}).items()},
        department=department,
        flow=flow.as_json(),
    )
    if flow.provider not in REMOTE:
        builtin.open_levels(approval, flow, places)
    return approval


# ---------------------------------------------------------------- choosing


def choose(approval: Approval, choices: Mapping[str, Sequence[str]]) -> None:
    """Keep whom the submitter chose, and have the provider asked again at once. The caller holds the approval.

    Raises:
        Conflict: ``choice_too_late`` once the provider has, or may have, the instance.
    """
    if approval.state != ApprovalState.STARTING or approval.submit_started_at is not None:
        raise Conflict("choice_too_late")
    approval.choices = {node: list(people) for node, people in choices.items()}
    approval.next_attempt_at = None
    approval.problem_code, approval.problem_params = "", {}
    approval.save(update_fields=["choices", "next_attempt_at", "problem_code", "problem_params"])


# ---------------------------------------------------------------- starting


def start(approval_id: int) -> bool:
    """Ask the remote provider, or settle whether an earlier asking arrived. True once it is waiting there.

    Nothing is ever sent while it isn't known that the last sending didn't arrive; nor while the month's calls are
    used up, which the ticket says.
    """
    if not _claim_attempt(approval_id):
        return False
    approval = Approval.objects.select_related("submitter").get(pk=approval_id)
    provider = REMOTE[approval.provider]
    try:
        if quota_spent():
            raise QuotaExhausted
        if approval.submit_started_at is not None:
            external_id = provider.find(approval)
            if external_id is None and not _surely_lost(approval):
                _in_doubt(approval)
                return False
            if external_id is None:
                external_id = provider.start(approval)
        else:
            external_id = provider.start(approval)
    except StartInDoubt:
        _in_doubt(approval)
        return False
    except SluicegateError as error:
        _problem(approval, error)
        return False
    Approval.objects.filter(
        pk=approval_id, state__in=[ApprovalState.STARTING, ApprovalState.IN_DOUBT, ApprovalState.VOIDED]
    ).update(external_id=external_id, problem_code="", problem_params={}, doubt_since=None)
    waiting = Approval.objects.filter(
        pk=approval_id, state__in=[ApprovalState.STARTING, ApprovalState.IN_DOUBT]
    )
    return bool(waiting.update(state=ApprovalState.WAITING))


def _claim_attempt(approval_id: int) -> bool:
    """One asking at a time: the claim ends by itself should its worker die."""
    return bool(
        Approval.objects.filter(
            Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=Now()),
            Q(state__in=[ApprovalState.STARTING, ApprovalState.IN_DOUBT])
            | Q(state=ApprovalState.VOIDED, submit_started_at__isnull=False),
            pk=approval_id,
            external_id=None,
        ).update(attempts=F("attempts") + 1, next_attempt_at=Now() + timedelta(seconds=60))
    )


def _surely_lost(approval: Approval) -> bool:
    """It has been long enough for the instance to show in the list, had it been started."""
    if approval.state == ApprovalState.VOIDED:
        return False  # nobody wants it any more: it is only looked for
    return approval.doubt_since is not None and timezone.now() - approval.doubt_since > DOUBT_GRACE


def _in_doubt(approval: Approval) -> None:
    _log.warning("approval_start_in_doubt", reference=approval.reference)
    mine = Approval.objects.filter(pk=approval.pk, attempts=approval.attempts)
    mine.filter(state=ApprovalState.STARTING).update(state=ApprovalState.IN_DOUBT)
    mine.filter(doubt_since=None).update(doubt_since=Now())
    mine.update(
        problem_code="approval_start_in_doubt",
        problem_params={},
        next_attempt_at=Now() + timedelta(seconds=_BACKOFF_SECONDS[0]),
    )


def _problem(approval: Approval, error: SluicegateError) -> None:
    """Known not to have started: try again later, sooner when waiting alone may help."""
    _log.warning("approval_start_failed", reference=approval.reference, code=error.code)
    delay = _delay(error, approval.attempts)
    mine = Approval.objects.filter(pk=approval.pk, attempts=approval.attempts)
    mine.update(
        problem_code=error.code,
        problem_params=error.params,
        next_attempt_at=Now() + timedelta(seconds=delay),
    )
    if approval.submit_started_at is None:
        # This was the first sending, and it was refused: the next attempt is a first one again. After an
        # earlier sending whose answer never came, no error of a later look makes it undone.
        mine.update(submit_started_at=None)


def _delay(error: SluicegateError, attempts: int) -> float:
    """Seconds until the next attempt. Where waiting alone may help it is anything up to a limit that grows, so that
    those who failed together don't come back together."""
    if isinstance(error, CircuitOpen):
        return error.seconds + random.random() * _AFTER_CIRCUIT  # noqa: S311 - no secret
    if not error.retryable:
        return _AFTER_REFUSAL
    return random.uniform(1, _BACKOFF_SECONDS[min(attempts, len(_BACKOFF_SECONDS)) - 1])  # noqa: S311


def quota_spent() -> bool:
    """DingTalk refuses further calls this month: nothing is asked of it until the next, or until somebody says what
    was bought."""
    link = DingTalkConnection.objects.filter(enabled=True).first()
    return link is not None and quota.sparing(link) is None


def due_starts() -> list[int]:
    """None while the month's calls are used up."""
    if quota_spent():
        return []
    return list(
        Approval.objects.filter(
            Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=Now()),
            state__in=[ApprovalState.STARTING, ApprovalState.IN_DOUBT],
            external_id=None,
            provider__in=REMOTE,
        ).values_list("pk", flat=True)
    )


# ---------------------------------------------------------------- reading


def read(approval: Approval) -> Reading | None:
    """What the provider's instance is now; None for built-in approval, which has nothing to read."""
    provider = remote(approval)
    if provider is None or approval.external_id is None:
        return None
    return provider.read(approval)


def keep_reading(approval: Approval, reading: Reading) -> None:
    """Show the provider's steps on our side. The caller holds the approval's row."""
    users = {
        user.dingtalk_userid: user
        for user in User.objects.filter(dingtalk_userid__in=[step.user for step in reading.steps])
    }
    approval.steps.all().delete()
    ApprovalStep.objects.bulk_create(
        ApprovalStep(
            approval=approval,
            position=position,
            node=step.node,
            user=users.get(step.user),
            external_user=step.user,
            name=step.name[:80],
            decision=step.decision,
            remark=step.remark,
            at=step.at,
        )
        for position, step in enumerate(reading.steps)
    )
    approval.business_id = reading.business_id[:40]
    approval.last_read_at = timezone.now()
    approval.save(update_fields=["business_id", "last_read_at"])


def hold_reason(approval: Approval, reading: Reading) -> str:
    """Why an agreed instance doesn't count, as a catalogue code; empty when it does."""
    if reading.reference != approval.reference or reading.sha256 != approval.sha256:
        return "approval_other_content"
    if reading.edited:
        return "approval_form_edited"
    if not set(reading.approved_by) - {approval.originator}:
        return "approval_only_submitter"
    return ""


def decide(*, approval: Approval, by: User, decision: Decision, remark: str) -> Outcome:
    """A decision within built-in approval. The caller holds the approval's row."""
    return builtin.decide(approval, by, decision, remark)


def close(approval: Approval, state: ApprovalState) -> None:
    """Write how the approval ended. The caller holds the approval's row."""
    approval.state = state
    approval.decided_at = timezone.now()
    approval.save(update_fields=["state", "decided_at"])
    if remote(approval) is None:
        builtin.close(approval)


# ---------------------------------------------------------------- ending


def terminate(approval_id: int, remark: str) -> bool:
    """End the provider's instance of a voided approval; True when nothing is left to do.

    Raises:
        SluicegateError: it can't be ended now; ``retryable`` or not, the reconciler comes back.
    """
    approval = Approval.objects.select_related("submitter").get(pk=approval_id)
    if approval.terminate_done or approval.state != ApprovalState.VOIDED:
        return True
    if approval.external_id is None and approval.submit_started_at is not None:
        start(approval_id)  # looks for it
        approval.refresh_from_db()
        if approval.external_id is None and not _given_up(approval):
            return False
    if approval.external_id is not None:
        REMOTE[approval.provider].terminate(approval, remark)
    Approval.objects.filter(pk=approval_id).update(terminate_done=True)
    return True


def _given_up(approval: Approval) -> bool:
    since = approval.doubt_since or approval.submit_started_at
    return since is not None and timezone.now() - since > DOUBT_GRACE * 3


def postpone(approval: Approval, error: SluicegateError) -> None:
    """Come back to the termination later: soon when waiting alone may help, else rarely."""
    seconds: float = 60 if error.retryable else 3600
    if isinstance(error, RevokeTooEarly):
        seconds = _BACKOFF_SECONDS[0]
    elif isinstance(error, CircuitOpen):
        seconds = _delay(error, approval.attempts)
    Approval.objects.filter(pk=approval.pk).update(
        problem_code=error.code,
        problem_params=error.params,
        next_attempt_at=Now() + timedelta(seconds=seconds),
    )


def due_terminations() -> list[int]:
    """None while the month's calls are used up."""
    if quota_spent():
        return []
    return list(
        Approval.objects.filter(
            Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=Now()),
            state=ApprovalState.VOIDED,
            terminate_done=False,
            provider__in=REMOTE,
        ).values_list("pk", flat=True)
    )


# Age of an approval, and how many base intervals then lie between two readings: with the base of 30 s that is
# 30 s, 5 min, 30 min and 2 h. Calls are billed by the month, and events tell sooner.
_PACES = (
    (timedelta(minutes=10), 1),
    (timedelta(hours=2), 10),
    (timedelta(days=1), 60),
    (timedelta.max, 240),
)


_MOST_WITHOUT_EVENTS = 10


def reading_interval(age: timedelta, base: timedelta, *, events: bool, sparing: int = 1) -> timedelta:
    """How long an approval of this age may go unread. ``events``: they arrive, and tell sooner. ``sparing``:
    how many times longer, as the month's calls run short."""
    times = next(times for limit, times in _PACES if age < limit)
    return base * (times if events else min(times, _MOST_WITHOUT_EVENTS)) * sparing


def due_readings(base: timedelta) -> list[int]:
    """Approvals that wait at a remote provider and are to be read again: their interval is over, or they were
    last read before the event stream came back, so that what happened meanwhile rang nowhere. None while the
    month's calls are used up."""
    link = DingTalkConnection.objects.filter(enabled=True).first()
    sparing = quota.sparing(link) if link is not None else 1
    if sparing is None:
        return []
    streaming = link is not None and link.stream_state == "connected"
    since = link.stream_state_at if link is not None and streaming else None
    events = streaming or (link is not None and link.sealed_callback is not None)
    waiting = Approval.objects.filter(
        Q(last_read_at__isnull=True) | Q(last_read_at__lt=Now() - base),
        state=ApprovalState.WAITING,
        provider__in=REMOTE,
        external_id__isnull=False,
    ).annotate(database_now=Now())
    return [
        pk
        for pk, created, read_at, now in waiting.values_list(
            "pk", "created_at", "last_read_at", "database_now"
        )
        if read_at is None
        or (since is not None and read_at < since)
        or now - read_at > reading_interval(now - created, base, events=events, sparing=sparing)
    ]
