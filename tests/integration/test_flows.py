"""Which approval flow applies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sluicegate.approvals.flows import DEFAULT, FlowFields, Level, delete_flow, flow_for, save_flow
from sluicegate.approvals.models import ApprovalFlow
from sluicegate.core.errors import Forbidden, InvalidInput
from sluicegate.datasources.models import Environment
from tests.integration.world import World


@pytest.fixture(autouse=True)
def no_flows(world: World) -> Iterator[None]:
    ApprovalFlow.objects.all().delete()
    yield
    ApprovalFlow.objects.all().delete()


def save(world: World, environment: str, kind: str, template: str) -> ApprovalFlow:
    values = FlowFields("dingtalk", environment, kind, template_name=template)
    return save_flow(by=world.admin, values=values)


def chosen(environment: str, kind: str) -> str:
    return flow_for(Environment.objects.get(code=environment).pk, kind).template_name


def test_most_specific_flow(world: World) -> None:
    assert flow_for(Environment.objects.get(code="dev").pk, "data_change") == DEFAULT
    save(world, "", "", "any")
    save(world, "", "data_change", "kind")
    assert [chosen("prod", kind) for kind in ("data_change", "schema_change")] == ["kind", "any"]
    place = save(world, "prod", "", "place")
    both = save(world, "prod", "data_change", "both")
    assert chosen("prod", "data_change") == "both"
    assert chosen("prod", "schema_change") == "place"
    assert chosen("test", "data_change") == "kind"
    assert chosen("test", "access_request") == "any"
    delete_flow(by=world.admin, flow_id=both.pk)
    assert chosen("prod", "data_change") == "place", "the environment comes before the kind"
    delete_flow(by=world.admin, flow_id=place.pk)
    assert chosen("prod", "data_change") == "kind"


def test_one_flow_per_place(world: World) -> None:
    first, second = save(world, "", "", "a"), save(world, "", "", "b")
    assert first.pk == second.pk
    assert chosen("dev", "data_change") == "b"


def test_levels_come_back(world: World) -> None:
    levels = [Level("组长", "any", users=("admin",)), Level("DBA", "all", roles=("dba",))]
    save_flow(by=world.admin, values=FlowFields("builtin", levels=levels, execute_automatically=True))
    flow = flow_for(Environment.objects.get(code="dev").pk, "data_change")
    assert list(flow.levels) == levels
    assert flow.execute_automatically


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (FlowFields("email"), "provider_unknown"),
        (FlowFields("builtin", kind="export"), "kind_unknown"),
        (FlowFields("builtin", environment="moon"), "environment_unknown"),
        (FlowFields("dingtalk", preset="other"), "preset_unknown"),
        (FlowFields("dingtalk", preset="custom"), "preset_unknown"),
        (FlowFields("builtin", levels=[]), "levels_empty"),
        (FlowFields("builtin", levels=[Level(mode="most")]), "level_mode_unknown"),
        (FlowFields("builtin", levels=[Level(roles=("boss",))]), "role_missing"),
        (FlowFields("builtin", levels=[Level(users=("nobody-here",))]), "user_unknown"),
    ],
)
def test_refused(world: World, values: FlowFields, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        save_flow(by=world.admin, values=values)
    assert refusal.value.code == code


def test_only_administrators_set_flows(world: World) -> None:
    with pytest.raises(Forbidden):
        save_flow(by=world.person("dba"), values=FlowFields("builtin"))
