"""Policies that hold for a data source, and waivers of what they block."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from sluicegate.accounts.grants import GrantScope, grant_access
from sluicegate.accounts.models import User
from sluicegate.accounts.permissions import Permission
from sluicegate.accounts.services import create_token, save_role
from sluicegate.audit.models import AuditEntry
from sluicegate.core.config import config
from sluicegate.core.errors import Conflict, Forbidden, InvalidInput, NotFound, SluicegateError
from sluicegate.datasources.models import DataSource
from sluicegate.reviews import policies
from sluicegate.reviews.models import FindingWaiver, Policy, ReviewedStatement
from sluicegate.reviews.services import finding_from
from sluicegate.sql.model import TicketKind
from sluicegate.sql.policy import parse
from sluicegate.tickets import form, reviewing, waiving
from sluicegate.tickets.content import Content, TargetInput
from sluicegate.tickets.models import Ticket
from sluicegate.tickets.selectors import targets_of
from sluicegate.tickets.states import State
from sluicegate.tickets.submission import revise_ticket, submit_ticket
from tests.integration.world import World

SCRIPT = b"UPDATE orders SET total = 1;\nUPDATE orders SET total = 2 WHERE id = 2"


def bound(name: str, datasource: DataSource, rules: str) -> str:
    return f"name: {name}\ndatasources: [{datasource.name}]\nrules: {{{rules}}}\n"


@pytest.fixture
def datasource(world: World) -> DataSource:
    return world.datasource()


@pytest.fixture
def blocking(world: World, datasource: DataSource) -> Policy:
    text = bound(world.unique("strict"), datasource, "NO_WHERE: block")
    return policies.import_policy(by=world.admin, text=text)


def filed(by: User, datasource: DataSource, script: bytes = SCRIPT) -> Ticket:
    values = Content("fix", "", (TargetInput(datasource.pk),), script)
    return submit_ticket(by=by, kind=TicketKind.DATA_CHANGE, values=values)


def reviewed(ticket: Ticket) -> Ticket:
    fresh = Ticket.objects.get(pk=ticket.pk)
    reviewing.review(fresh.pk, fresh.revision_number)
    return Ticket.objects.get(pk=ticket.pk)


def statement(ticket: Ticket, ordinal: int = 1) -> ReviewedStatement:
    review = targets_of(ticket)[0].review
    assert review is not None
    return review.statements.get(ordinal=ordinal)


def actions(name: str) -> list[str]:
    entries = AuditEntry.objects.filter(object_type="policy", object_id=name)
    return list(entries.order_by("sequence").values_list("action", flat=True))


def code_of(error: pytest.ExceptionInfo[SluicegateError]) -> str:
    return error.value.code


# ---------------------------------------------------------------- policies


def test_made_changed_deleted(world: World) -> None:
    name = world.unique("ours")
    first = policies.import_policy(by=world.admin, text=f"name: {name}\nrules: {{LINT: error}}")
    assert (first.revision, actions(name)) == (1, ["policy.created"])
    exported = policies.export_policy(by=world.admin, name=name)
    second = policies.import_policy(by=world.admin, text=exported)
    assert second.revision == 2
    assert policies.export_policy(by=world.admin, name=name) == exported
    policies.delete_policy(by=world.admin, name=name)
    assert actions(name) == ["policy.created", "policy.updated", "policy.deleted"]
    with pytest.raises(NotFound):
        policies.policy_named(name)


def test_all_that_a_policy_says_is_kept(world: World, datasource: DataSource) -> None:
    text = f"""
name: {world.unique("whole")}
enabled: false
environments: [dev]
datasources: [{datasource.name}]
tables: ["log_*"]
rules: {{NO_WHERE: block, LINT: "off"}}
expressions:
- {{code: NO_TMP, level: error, title: "no tmp", message: {{zh: 不行, en: not so}}, when: 'statement.table == "tmp"'}}
"""
    stored = policies.import_policy(by=world.admin, text=text)
    assert policies.to_document(stored).to_json() == parse(text, "f").to_json()


def test_the_right_to(world: World) -> None:
    person = world.person("developer")
    for act in (
        lambda: policies.import_policy(by=person, text="name: x\nrules: {LINT: error}"),
        lambda: policies.delete_policy(by=person, name="x"),
    ):
        with pytest.raises(Forbidden) as refusal:
            act()
        assert refusal.value.params == {"permission": "policy.manage"}


def test_somebody_else_changed_it(world: World) -> None:
    name = world.unique("ours")
    document = parse(f"name: {name}\nrules: {{LINT: error}}", "f")
    policies.save_policy(by=world.admin, document=document, revision=0)
    with pytest.raises(Conflict) as refusal:
        policies.save_policy(by=world.admin, document=document, revision=0)
    assert code_of(refusal) == "policy_changed"
    policies.delete_policy(by=world.admin, name=name)  # it would hold everywhere


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rules: {LINT: error}", "policy_name_missing"),
        ("name: x\nenvironments: [nowhere]", "environment_unknown"),
        ("name: x\ndatasources: [nothing]", "policy_datasource_unknown"),
    ],
)
def test_refused(world: World, text: str, code: str) -> None:
    before = Policy.objects.count()
    with pytest.raises(InvalidInput) as refusal:
        policies.import_policy(by=world.admin, text=text)
    assert code_of(refusal) == code
    assert Policy.objects.count() == before


def test_where_it_holds(world: World, datasource: DataSource) -> None:
    elsewhere = world.datasource("test")
    here = policies.import_policy(by=world.admin, text=bound(world.unique("here"), datasource, "LINT: error"))
    there = policies.import_policy(
        by=world.admin, text=f"name: {world.unique('env')}\nenvironments: [test]\nrules: {{LINT: error}}"
    )
    off = policies.import_policy(
        by=world.admin, text=bound(world.unique("off"), datasource, "LINT: block") + "enabled: false\n"
    )
    assert set(policies.policies_for(datasource)) >= {here}
    assert not {there, off} & set(policies.policies_for(datasource))
    assert there in policies.policies_for(elsewhere)
    policies.delete_policy(by=world.admin, name=there.name)


def test_a_review_is_judged_by_it_and_says_so(world: World, datasource: DataSource, blocking: Policy) -> None:
    ticket = reviewed(filed(world.admin, datasource))
    assert (ticket.state, ticket.reason_code) == (State.REVIEW_FAILED, "review_denied")
    review = targets_of(ticket)[0].review
    assert review is not None
    assert review.policies == [{"name": blocking.name, "revision": 1}]
    [found] = [item for item in statement(ticket).findings if item["code"] == "NO_WHERE"]
    assert (found["severity"], found["params"]["policy"]) == ("block", blocking.name)
    assert statement(ticket, 2).verdict == "allow"


def test_a_policy_that_cant_be_read_stops_the_review(
    world: World, datasource: DataSource, blocking: Policy
) -> None:
    """As when a package with own rules is gone: what somebody asked for isn't left out silently."""
    Policy.objects.filter(pk=blocking.pk).update(document={"rules": {"GONE": "block"}})
    ticket = reviewed(filed(world.admin, datasource))
    assert (ticket.state, ticket.reason_code) == (State.REVIEW_FAILED, "policy_rule_unknown")


# ---------------------------------------------------------------- waivers


def waive(by: User, ticket: Ticket, code: str = "NO_WHERE", ordinal: int = 1, **more: str) -> Ticket:
    return waiving.waive_finding(
        by=by,
        number=ticket.number,
        target=0,
        ordinal=ordinal,
        code=code,
        reason=more.get("reason", "all rows are meant"),
        sha256=more.get("sha256"),
    )


def test_a_waived_block_lets_the_ticket_go_on(world: World, datasource: DataSource, blocking: Policy) -> None:
    ticket = reviewed(filed(world.person("dba"), datasource))
    waiving_person = world.person("dba")
    waived = waive(waiving_person, ticket)
    assert waived.state == State.REVIEWING
    ticket = reviewed(ticket)
    assert ticket.state == State.AWAITING_APPROVAL
    assert statement(ticket).verdict == "flag"
    [finding] = [found for item in statement(ticket).findings if (found := finding_from(item)).waiver]
    assert finding.waiver is not None
    assert (finding.waiver.by, finding.waiver.reason) == (waiving_person.name, "all rows are meant")
    summary = form.approval_request(ticket, list(targets_of(ticket))).findings_summary
    assert "all rows are meant" in summary
    assert waiving_person.name in summary
    assert config().language == "zh"
    events = list(ticket.events.order_by("pk").values_list("type", flat=True))
    assert events[-4:] == ["finding_waived", "waive", "review_passed", "approval_requested"]
    entries = AuditEntry.objects.filter(object_id=ticket.number, action="finding.waived")
    assert entries.get().data["reason"] == "all rows are meant"


def test_every_block_needs_its_waiver(world: World, datasource: DataSource, blocking: Policy) -> None:
    script = b"UPDATE orders SET total = 1;\nDELETE FROM orders"
    ticket = reviewed(filed(world.person("dba"), datasource, script))
    by = world.person("dba")
    assert waive(by, ticket).state == State.REVIEW_FAILED
    with pytest.raises(Conflict) as refusal:
        waive(by, ticket)
    assert code_of(refusal) == "finding_waived_already"
    assert waive(by, ticket, ordinal=2).state == State.REVIEWING


def test_what_blocks_by_itself_stays(world: World, datasource: DataSource, blocking: Policy) -> None:
    script = b"UPDATE orders SET total = 1;\nCOMMIT"
    ticket = reviewed(filed(world.person("dba"), datasource, script))
    by = world.person("dba")
    with pytest.raises(Conflict) as refusal:
        waive(by, ticket, "TX_CONTROL", 2)
    assert code_of(refusal) == "finding_not_waivable"
    assert waive(by, ticket).state == State.REVIEW_FAILED


def test_a_policy_that_names_a_built_in_block_makes_it_no_weaker(
    world: World, datasource: DataSource
) -> None:
    text = bound(world.unique("twice"), datasource, "TX_CONTROL: block")
    policies.import_policy(by=world.admin, text=text)
    ticket = reviewed(filed(world.person("dba"), datasource, b"COMMIT"))
    with pytest.raises(Conflict) as refusal:
        waive(world.person("dba"), ticket, "TX_CONTROL")
    assert code_of(refusal) == "finding_not_waivable"


def test_nobody_waives_their_own(world: World, datasource: DataSource, blocking: Policy) -> None:
    for submitter in (world.admin, world.person("dba")):
        ticket = reviewed(filed(submitter, datasource))
        with pytest.raises(Forbidden) as refusal:
            waive(submitter, ticket)
        assert code_of(refusal) == "own_finding"
        assert not FindingWaiver.objects.filter(ticket_number=ticket.number).exists()


def test_both_rights_are_needed(world: World, datasource: DataSource, blocking: Policy) -> None:
    ticket = reviewed(filed(world.admin, datasource))
    code = world.unique("waiver")
    save_role(
        by=world.admin, code=code, name_zh="x", name_en="x", permissions=[Permission.FINDING_WAIVE.value]
    )
    only_permission, only_grant = world.person(code, "auditor"), world.person("auditor")
    for person, actions_ in ((only_permission, ["execute"]), (only_grant, ["approve"])):
        grant_access(
            by=world.admin, actions=actions_, scope=GrantScope(datasource.pk), username=person.username
        )
        with pytest.raises(Forbidden) as refusal:
            waive(person, ticket)
        assert code_of(refusal) == "waive_right_missing"
    grant_access(
        by=world.admin,
        actions=["approve"],
        scope=GrantScope(datasource.pk),
        username=only_permission.username,
    )
    assert waive(User.objects.get(pk=only_permission.pk), ticket).state == State.REVIEWING


def test_a_waiver_ends_with_its_revision(world: World, datasource: DataSource, blocking: Policy) -> None:
    submitter = world.person("dba")
    ticket = reviewed(filed(submitter, datasource))
    sha256 = ticket.revisions.get(number=1).sha256
    waive(world.person("dba"), ticket, sha256=sha256)
    assert reviewed(ticket).state == State.AWAITING_APPROVAL
    values = Content("fix", "", (TargetInput(datasource.pk),), b"UPDATE orders SET total = 3")
    revise_ticket(by=submitter, number=ticket.number, values=values)
    ticket = reviewed(ticket)
    assert ticket.state == State.REVIEW_FAILED
    with pytest.raises(Conflict) as refusal:
        waive(world.person("dba"), ticket, sha256=sha256)
    assert code_of(refusal) == "ticket_changed"


@pytest.mark.parametrize(
    ("code", "ordinal", "reason", "expected"),
    [
        ("NO_WHERE", 1, "  ", "waiver_reason_missing"),
        ("NO_WHERE", 1, "x" * 401, "waiver_reason_missing"),
        ("NO_WHERE", 2, "why", "finding_missing"),
        ("LINT", 1, "why", "finding_missing"),
        ("NO_WHERE", 9, "why", "finding_missing"),
    ],
)
def test_refused_waivers(
    world: World,
    datasource: DataSource,
    blocking: Policy,
    code: str,
    ordinal: int,
    reason: str,
    expected: str,
) -> None:
    ticket = reviewed(filed(world.admin, datasource))
    with pytest.raises(InvalidInput) as refusal:
        waive(world.person("dba"), ticket, code, ordinal, reason=reason)
    assert code_of(refusal) == expected


# ---------------------------------------------------------------- the API


class Api:
    """One person's requests."""

    def __init__(self, user: User) -> None:
        _, token = create_token(by=user, name="test", days=1)
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def __call__(self, method: str, path: str, body: object = None) -> Any:
        answer = Client().generic(
            method,
            f"/api/v1{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers=self._headers,
        )
        kind = answer.headers.get("Content-Type", "")
        return (
            answer.status_code,
            answer.json() if answer.content and "json" in kind else answer.content.decode(),
        )


def test_a_policy_by_the_api(world: World, datasource: DataSource) -> None:
    api, name = Api(world.admin), world.unique("api")
    document = {"datasources": [datasource.name], "rules": {"NO_WHERE": "block"}}
    status, made = api("PUT", f"/policies/{name}", {"document": document, "revision": 0})
    assert (status, made["revision"], made["document"]) == (200, 1, {"name": name, **document})
    status, refused = api("PUT", f"/policies/{name}", {"document": document, "revision": 0})
    assert (status, refused["code"]) == (409, "policy_changed")
    status, refused = api("PUT", f"/policies/{name}", {"document": {"name": "other"}})
    assert (status, refused["code"]) == (422, "policy_name_differs")
    _, text = api("GET", f"/policies/{name}/export")
    assert api("POST", "/policies/import", {"yaml": text})[1]["document"] == made["document"]
    assert [item["revision"] for item in api("GET", "/policies")[1] if item["name"] == name] == [2]
    stranger = Api(world.person("developer"))
    assert stranger("GET", f"/policies/{name}")[1]["datasources"] == []
    assert stranger("DELETE", f"/policies/{name}")[0] == 403
    assert api("DELETE", f"/policies/{name}")[0] == 204
    assert api("GET", f"/policies/{name}")[0] == 404


def test_the_place_of_a_mistake(world: World) -> None:
    expression = {"code": "BAD", "when": "statement.kind ==\n  nope"}
    body = {"document": {"expressions": [expression]}}
    status, refused = Api(world.admin)("PUT", "/policies/bad", body)
    assert (status, refused["code"]) == (422, "expression_invalid")
    assert (refused["params"]["line"], refused["params"]["column"]) == (2, 3)


def test_rules_by_the_api(world: World) -> None:
    api = Api(world.person("developer"))
    codes = [rule["code"] for rule in api("GET", "/rules?q=where+table&topic=guards")[1]]
    assert "NO_WHERE" in codes
    assert len(codes) < len(api("GET", "/rules")[1])
    assert api("GET", "/rules?topic=nope")[1]["code"] == "rule_topic_unknown"
    shown = api("GET", "/rules/DML001")[1]
    assert (shown["code"], shown["severity"], shown["topic"]) == ("NO_WHERE", "error", "guards")
    assert shown["why"]
    assert shown["fails"]
    assert api("GET", "/rules/NOPE")[0] == 404


def test_trying(world: World) -> None:
    api = Api(world.person("developer"))
    sql = "UPDATE a SET b = 1;\nCOMMIT"
    tried = api("POST", "/rules/try", {"sql": sql, "dialect": "mysql", "rule": "NO_WHERE", "level": "block"})[
        1
    ]
    found = [[item["code"] for item in statement["findings"]] for statement in tried["statements"]]
    assert (found, tried["statements"][0]["verdict"], tried["total"]) == ([["NO_WHERE"], []], "deny", 2)
    text = "name: p\nexpressions:\n- {code: MINE, when: 'size(statement.writes) > 0', message: 'writes'}"
    tried = api("POST", "/rules/try", {"sql": sql, "dialect": "sqlite", "yaml": text})[1]
    assert ("MINE", "writes") in [
        (item["code"], item["message"]) for item in tried["statements"][0]["findings"]
    ]
    assert api("POST", "/rules/try", {"sql": sql, "dialect": "sqlite"})[1]["code"] == "rule_try_nothing"


def test_a_waiver_by_the_api(world: World, datasource: DataSource, blocking: Policy) -> None:
    ticket = reviewed(filed(world.admin, datasource))
    api = Api(world.person("dba"))
    assert "waive" in api("GET", f"/tickets/{ticket.number}")[1]["actions"]
    assert "waive" not in Api(world.admin)("GET", f"/tickets/{ticket.number}")[1]["actions"]
    shown = api("GET", f"/tickets/{ticket.number}/statements")[1]["statements"][0]["findings"]
    assert [(item["waivable"], item["policy"]) for item in shown if item["code"] == "NO_WHERE"] == [
        (True, blocking.name)
    ]
    body = {"ordinal": 1, "code": "NO_WHERE", "reason": "all of them"}
    status, after = api("POST", f"/tickets/{ticket.number}/waive", body)
    assert (status, after["state"]) == (200, "reviewing")
    reviewed(ticket)
    after = api("GET", f"/tickets/{ticket.number}")[1]
    assert after["targets"][0]["review"]["policies"] == [{"name": blocking.name, "revision": 1}]
    shown = api("GET", f"/tickets/{ticket.number}/statements")[1]["statements"][0]["findings"]
    assert [item["waiver"]["reason"] for item in shown if item["waiver"]] == ["all of them"]
