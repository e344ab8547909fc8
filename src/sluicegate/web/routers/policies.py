"""Policies, and the rules that they weigh."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema

from sluicegate.core.errors import InvalidInput
from sluicegate.core.messages import Language
from sluicegate.dialects import registry
from sluicegate.reviews import policies
from sluicegate.reviews.models import Policy
from sluicegate.sql import presets, reference
from sluicegate.sql.findings import say
from sluicegate.sql.model import AnalysisContext, TicketKind
from sluicegate.sql.policy import expected, from_json, parse
from sluicegate.sql.rules.base import Example, Parameter, Rule, Value
from sluicegate.sql.ruleset import RuleSet
from sluicegate.web.auth import Request, language_of
from sluicegate.web.idempotency import once
from sluicegate.web.problems import PROBLEMS

router = Router()
MAX_TRIED = 100_000  # characters of SQL
_STATEMENTS_SHOWN = 200


class PolicyOut(Schema):
    """Without environments and data sources it holds everywhere."""

    name: str
    enabled: bool
    revision: int
    environments: list[str]
    datasources: list[str]
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime


class PolicyDetail(PolicyOut):
    """``document`` is what the YAML says, as JSON."""

    document: dict[str, Any]


class PolicyIn(Schema):
    """``revision``: the one that was read, 0 for a new policy; without it whatever is there is replaced."""

    document: dict[str, Any]
    revision: int | None = None


class ImportIn(Schema):
    """Either a document or the name of a ready policy."""

    yaml: str = Field("", max_length=256_000)
    preset: str = Field("", max_length=40)


class PresetOut(Schema):
    name: str
    yaml: str


class RuleOut(Schema):
    """``level`` is the one without any policy; off where only a policy switches the rule on."""

    id: str
    code: str
    topic: str
    level: str
    title: str
    families: list[str]


class ParameterOut(Schema):
    name: str
    title: str
    default: Value
    choices: list[str]
    expected: str


class ExampleOut(Schema):
    sql: str
    families: list[str]
    setup: str
    options: dict[str, Value]


class RuleDetail(RuleOut):
    """``severity`` is the level that a policy gives it unless it says another."""

    severity: str
    message: str
    why: str
    parameters: list[ParameterOut]
    fails: list[ExampleOut]
    passes: list[ExampleOut]


class TryIn(Schema):
    """One of ``rule`` (with ``level`` and ``parameters`` if they are to be others than its own), ``policy`` (the name
    of a stored one) and ``yaml``. Nothing is executed and no server is asked."""

    sql: str = Field(max_length=MAX_TRIED)
    dialect: str = Field(max_length=40)
    rule: str = Field("", max_length=80)
    level: str = Field("", max_length=10)
    parameters: dict[str, Any] = {}
    policy: str = Field("", max_length=80)
    yaml: str = Field("", max_length=256_000)
    kind: TicketKind | None = None
    database: str = ""


class TriedFinding(Schema):
    rule: str
    code: str
    severity: str
    message: str
    line: int
    column: int
    policy: str


class TriedStatement(Schema):
    ordinal: int
    line: int
    operation: str
    verdict: str
    findings: list[TriedFinding]


class Tried(Schema):
    """``shown`` statements of all; with ``rule`` only that rule's findings."""

    statements: list[TriedStatement]
    total: int


def _summary(policy: Policy, request: Request) -> dict[str, Any]:
    seen = policies.shown_to(request.auth, policies.bindings(policy))
    return {
        "name": policy.name,
        "enabled": policy.enabled,
        "revision": policy.revision,
        "environments": list(seen.environments),
        "datasources": list(seen.datasources),
        "created_by": policy.created_by,
        "created_at": policy.created_at,
        "updated_by": policy.updated_by,
        "updated_at": policy.updated_at,
    }


def _detail(policy: Policy, request: Request) -> PolicyDetail:
    document = policies.shown_to(request.auth, policies.to_document(policy))
    return PolicyDetail(**_summary(policy, request), document=document.to_json())


@router.get("/policies", response={200: list[PolicyOut], **PROBLEMS})
def list_policies(request: Request) -> list[PolicyOut]:
    return [PolicyOut(**_summary(policy, request)) for policy in policies.list_policies()]


@router.post("/policies/import", response={201: PolicyDetail, **PROBLEMS})
def import_policy(request: Request, payload: ImportIn) -> tuple[int, PolicyDetail]:
    """Create the policy of a YAML document, or replace the one of its name."""
    if bool(payload.yaml) == bool(payload.preset):
        raise InvalidInput("policy_import_source")
    text = payload.yaml or presets.read(payload.preset)

    def create() -> PolicyDetail:
        return _detail(policies.import_policy(by=request.auth, text=text), request)

    return 201, once(request, PolicyDetail, create)


@router.get("/policies/presets", response={200: list[PresetOut], **PROBLEMS})
def list_presets(request: Request) -> list[PresetOut]:  # noqa: ARG001
    """Ready policies that an import may name."""
    return [PresetOut(name=name, yaml=presets.read(name)) for name in presets.names()]


@router.get("/policies/{name}", response={200: PolicyDetail, **PROBLEMS})
def show_policy(request: Request, name: str) -> PolicyDetail:
    return _detail(policies.policy_named(name), request)


@router.put("/policies/{name}", response={200: PolicyDetail, **PROBLEMS})
def save_policy(request: Request, name: str, payload: PolicyIn) -> PolicyDetail:
    """Create or replace the policy of this name."""
    document = from_json({"name": name, **payload.document}, name)
    if document.name != name:
        raise InvalidInput("policy_name_differs", name=name, given=document.name)
    saved = policies.save_policy(by=request.auth, document=document, revision=payload.revision)
    return _detail(saved, request)


@router.delete("/policies/{name}", response={204: None, **PROBLEMS})
def delete_policy(request: Request, name: str) -> tuple[int, None]:
    policies.delete_policy(by=request.auth, name=name)
    return 204, None


@router.get("/policies/{name}/export", response={200: str, **PROBLEMS})
def export_policy(request: Request, name: str) -> HttpResponse:
    """The policy as YAML; importing it gives the same policy."""
    text = policies.export_policy(by=request.auth, name=name)
    return HttpResponse(text, content_type="text/yaml; charset=utf-8")


# ---------------------------------------------------------------- rules


def _row(rule: Rule, language: Language) -> dict[str, Any]:
    return {
        "id": rule.id,
        "code": rule.code,
        "topic": reference.topic(rule),
        "level": reference.level_of(rule),
        "title": reference.said(rule.title, language),
        "families": sorted(rule.families),
    }


def _parameter(parameter: Parameter, language: Language) -> ParameterOut:
    return ParameterOut(
        name=parameter.name,
        title=reference.said(parameter.title, language),
        default=parameter.default,
        choices=list(parameter.choices),
        expected=expected(parameter),
    )


def _example(example: Example) -> ExampleOut:
    return ExampleOut(
        sql=example.sql,
        families=list(example.families),
        setup=example.setup,
        options=dict(example.options),
    )


@router.get("/rules", response={200: list[RuleOut], **PROBLEMS})
def list_rules(request: Request, q: str = "", topic: str = "", family: str = "") -> list[RuleOut]:
    """All rules, or those that hold every word of ``q`` in either language."""
    language = language_of(request)
    found = reference.found(words=q, topic_name=topic, family=family)
    return [RuleOut(**_row(rule, language)) for rule in found]


@router.post("/rules/try", response={200: Tried, **PROBLEMS})
def try_rule(request: Request, payload: TryIn) -> Tried:
    """What a rule or a policy says of some SQL."""
    rules, only = _tried(payload)
    dialect, language = registry.get(payload.dialect), language_of(request)
    context = AnalysisContext(
        database=payload.database or None, ticket_kind=payload.kind, rules=rules, dialect=dialect.code
    )
    statements = list(dialect.analyse(payload.sql, context))
    return Tried(
        statements=[
            TriedStatement(
                ordinal=statement.ordinal,
                line=statement.line,
                operation=statement.operation,
                verdict=statement.verdict.value,
                findings=[
                    TriedFinding(
                        rule=finding.rule,
                        code=finding.code,
                        severity=finding.severity.code,
                        message=say(finding, language),
                        line=finding.line,
                        column=finding.column,
                        policy="" if only else str(finding.params.get("policy", "")),
                    )
                    for finding in statement.findings
                    if not only or finding.code == only
                ],
            )
            for statement in statements[:_STATEMENTS_SHOWN]
        ],
        total=len(statements),
    )


def _tried(payload: TryIn) -> tuple[RuleSet, str]:
    """The rules to try, and the code of the only one to tell about."""
    if sum(map(bool, (payload.rule, payload.policy, payload.yaml))) != 1:
        raise InvalidInput("rule_try_nothing")
    if payload.rule:
        rule = reference.rule_named(payload.rule)
        return reference.alone(rule, payload.level, payload.parameters), rule.code
    if payload.policy:
        return policies.to_document(policies.policy_named(payload.policy)).ruleset(), ""
    return parse(payload.yaml, "YAML").ruleset(), ""


@router.get("/rules/{code}", response={200: RuleDetail, **PROBLEMS})
def show_rule(request: Request, code: str) -> RuleDetail:
    """By code or id."""
    rule, language = reference.rule_named(code), language_of(request)
    return RuleDetail(
        **_row(rule, language),
        severity=rule.severity.code,
        message=reference.said(rule.message, language),
        why=reference.said(rule.why, language),
        parameters=[_parameter(parameter, language) for parameter in rule.parameters],
        fails=[_example(example) for example in rule.fails],
        passes=[_example(example) for example in rule.passes],
    )
