"""Which flow applies, and administering flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Self

from sluicegate.accounts.models import Role, User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import require
from sluicegate.approvals.models import ApprovalFlow
from sluicegate.audit.log import record, unit_of_work
from sluicegate.core.errors import InvalidInput, NotFound
from sluicegate.datasources.models import Environment
from sluicegate.dingtalk.contracts import contract_from_mapping
from sluicegate.sql.model import TicketKind

PROVIDERS = ("builtin", "dingtalk")
PRESETS = ("clouddm-classic", "clouddm-3", "custom")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of built-in approval: ``mode`` any (one of them) or all; people by role or by username.
    Neither means everybody who may approve on all targets."""

    name: str = ""
    mode: str = "any"
    roles: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """How tickets of one place are approved; frozen into the approval when it starts."""

    provider: str
    levels: tuple[Level, ...] = (Level(),)
    template_name: str = ""
    process_code: str = ""
    preset: str = "clouddm-classic"
    mapping: Mapping[str, object] | None = None
    execute_automatically: bool = False

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        raw = data.get("levels") or [{}]
        assert isinstance(raw, Sequence)
        levels = tuple(
            Level(
                str(item.get("name", "")),
                str(item.get("mode", "any")),
                tuple(item.get("roles", ())),
                tuple(item.get("users", ())),
            )
            for item in raw
        )
        mapping = data.get("mapping")
        return cls(
            provider=str(data["provider"]),
            levels=levels,
            template_name=str(data.get("template_name", "")),
            process_code=str(data.get("process_code", "")),
            preset=str(data.get("preset", "clouddm-classic")),
            mapping=mapping if isinstance(mapping, Mapping) else None,
            execute_automatically=bool(data.get("execute_automatically", False)),
        )


DEFAULT = Flow("builtin")  # nobody configured anything: still somebody has to agree


def flow_for(environment_id: int, kind: str) -> Flow:
    """The most specific flow for tickets of this environment and kind."""
    candidates = [
        flow
        for flow in ApprovalFlow.objects.all()
        if flow.environment_id in (None, environment_id) and flow.kind in ("", kind)
    ]
    if not candidates:
        return DEFAULT
    best = max(candidates, key=lambda flow: (flow.environment_id is not None, flow.kind != ""))
    return Flow.from_json(
        {
            "provider": best.provider,
            "levels": best.levels,
            "template_name": best.template_name,
            "process_code": best.process_code,
            "preset": best.preset,
            "mapping": best.mapping,
            "execute_automatically": best.execute_automatically,
        }
    )


@dataclass(frozen=True, slots=True)
class FlowFields:
    """A flow as an administrator writes it; ``environment`` and ``kind`` empty mean any."""

    provider: str
    environment: str = ""
    kind: str = ""
    levels: Sequence[Level] = field(default_factory=lambda: [Level()])
    template_name: str = ""
    process_code: str = ""
    preset: str = "clouddm-classic"
    mapping: Mapping[str, object] | None = None
    execute_automatically: bool = False


def save_flow(*, by: User, values: FlowFields) -> ApprovalFlow:
    """Set the flow of a place."""
    require(by, Permission.SETTINGS_MANAGE)
    if values.provider not in PROVIDERS:
        raise InvalidInput("provider_unknown", provider=values.provider, known=", ".join(PROVIDERS))
    if values.kind and values.kind not in tuple(TicketKind):
        raise InvalidInput("kind_unknown", kind=values.kind, known=", ".join(TicketKind))
    if values.preset not in PRESETS or (values.preset == "custom" and not values.mapping):
        raise InvalidInput("preset_unknown", preset=values.preset, known=", ".join(PRESETS))
    if values.preset == "custom":
        _check_mapping(values)
    if values.provider == "builtin":
        _check_levels(values.levels)
    environment = Environment.objects.filter(code=values.environment).first() if values.environment else None
    if values.environment and environment is None:
        raise InvalidInput("environment_unknown", code=values.environment)
    with unit_of_work():
        flow, _ = ApprovalFlow.objects.update_or_create(
            environment=environment,
            kind=values.kind,
            defaults={
                "provider": values.provider,
                "levels": [asdict(level) for level in values.levels],
                "template_name": values.template_name,
                "process_code": values.process_code,
                "preset": values.preset,
                "mapping": values.mapping,
                "execute_automatically": values.execute_automatically,
            },
        )
        record(
            by.actor,
            "flow.saved",
            "flow",
            flow.pk,
            environment=values.environment,
            kind=values.kind,
            provider=values.provider,
            levels=[asdict(level) for level in values.levels],
            automatic=values.execute_automatically,
        )
    return flow


def _check_mapping(values: FlowFields) -> None:
    """A layout of one's own must be one that can be filled, of a form that can be found."""
    assert values.mapping is not None
    contract_from_mapping("custom", values.template_name, values.mapping)
    if values.provider == "dingtalk" and not values.template_name and not values.process_code:
        raise InvalidInput("mapping_without_template")


def _check_levels(levels: Sequence[Level]) -> None:
    if not levels:
        raise InvalidInput("levels_empty")
    for level in levels:
        if level.mode not in ("any", "all"):
            raise InvalidInput("level_mode_unknown", mode=level.mode)
        for code in level.roles:
            if not Role.objects.filter(code=code).exists():
                raise InvalidInput("role_missing", name=code)
        for username in level.users:
            if not User.objects.filter(username=username, is_active=True).exists():
                raise InvalidInput("user_unknown", username=username)


def delete_flow(*, by: User, flow_id: int) -> None:
    require(by, Permission.SETTINGS_MANAGE)
    with unit_of_work():
        flow = ApprovalFlow.objects.filter(pk=flow_id).first()
        if flow is None:
            raise NotFound("flow_missing", id=flow_id)
        record(by.actor, "flow.deleted", "flow", flow.pk)
        flow.delete()
