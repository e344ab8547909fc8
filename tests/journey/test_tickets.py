"""What people do with tickets, and what becomes of them when something goes wrong."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from sluicegate.dialects.base import Endpoint
from tests.journey.acting import approved, denied, executed, person, shop, unique
from tests.journey.installation import Api, Company, Json, until
from tests.journey.target import ROWS, PostgresTarget, Target

ONE = "UPDATE orders SET total = 1 WHERE id = 1"


@pytest.fixture
def target(company: Company) -> Target:
    return shop(company)


def on(*targets: Target) -> list[Json]:
    return [{"datasource_id": target.datasource["id"]} for target in targets]


def change(*targets: Target, sql: str = ONE, **more: object) -> Json:
    return {"kind": "data_change", "title": "fix", "sql": sql, "targets": on(*targets), **more}


def outcomes(api: Api, number: str, target: int = 0) -> list[str]:
    return [statement["outcome"] for statement in api.statements(number, target)]


# ---------------------------------------------------------------- several targets


def test_targets_run_in_order_and_stop_at_a_failure(company: Company) -> None:
    first, second, third = shop(company), shop(company), shop(company)
    second.run("CREATE UNIQUE INDEX one_total ON orders (total)")
    sql = "UPDATE orders SET total = 99 WHERE id = 1;\nUPDATE orders SET total = 99 WHERE id = 2"
    number = company.developer.post("/tickets", change(first, second, third, sql=sql))["number"]
    company.developer.wait(number, "awaiting_approval")
    company.lead.post(f"/tickets/{number}/approve")
    ticket = executed(company, number, "partially_succeeded")
    assert [t["execution"]["state"] for t in ticket["targets"]] == ["succeeded", "failed", "cancelled"]
    assert [outcomes(company.developer, number, position) for position in range(3)] == [
        ["applied", "applied"],
        ["applied", "not_applied"],
        ["pending", "pending"],
    ]
    assert [target.rows()[0][2] for target in (first, second, third)] == [99, 99, 10]
    assert third.rows() == ROWS


def test_targets_under_different_approvals(company: Company) -> None:
    """One ticket has one approval."""
    dev, prod = shop(company), company.datasource("prod", dialect="postgresql", host="127.0.0.1")
    body = {**change(dev), "targets": [*on(dev), {"datasource_id": prod["id"], "database": "shop"}]}
    assert company.developer.refused("POST", "/tickets", body) == (422, "targets_need_different_approvals")


# ---------------------------------------------------------------- uploading


def upload(api: Api, target: Target, content: bytes) -> httpx.Response:
    fields = {"kind": "data_change", "title": "file", "datasource_id": target.datasource["id"]}
    return api.http.post("/tickets/upload", data=fields, files={"file": ("修复.sql", content)})


@pytest.mark.parametrize(
    "content",
    [
        b"UPDATE orders\r\nSET total = 1\r\nWHERE id = 1;\r\n\r\n",
        "\ufeffUPDATE orders SET name = '水闸' WHERE id = 1;\n".encode(),
        b"-- no end of line\nUPDATE orders SET total = 1 WHERE id = 1",
    ],
    ids=["CRLF", "byte order mark", "no last line end"],
)
def test_upload_is_taken_byte_for_byte(company: Company, target: Target, content: bytes) -> None:
    answer = upload(company.developer, target, content)
    assert answer.status_code == 201, answer.text
    ticket = answer.json()
    assert (ticket["filename"], ticket["script_bytes"]) == ("修复.sql", len(content))
    assert ticket["sha256"] == hashlib.sha256(content).hexdigest()
    number = ticket["number"]
    assert company.developer.call("GET", f"/tickets/{number}/script").content == content
    company.developer.wait(number, "awaiting_approval")
    company.lead.post(f"/tickets/{number}/approve")
    executed(company, number)
    assert target.rows()[0] != ROWS[0]


def test_upload_that_is_no_utf8(company: Company, target: Target) -> None:
    answer = upload(company.developer, target, "-- 第一行\nUPDATE".encode() + "中文".encode("gbk"))
    assert (answer.status_code, answer.json()["code"]) == (422, "script_not_utf8")
    assert answer.json()["params"] == {"line": 2, "column": 7}


def test_upload_asks_for_the_same_as_json(company: Company, target: Target) -> None:
    def answer(approvers: str) -> httpx.Response:
        fields = {"kind": "data_change", "title": "file", "datasource_id": target.datasource["id"]}
        fields |= {"count_exactly": "true", "approvers": approvers}
        return company.developer.http.post(
            "/tickets/upload", data=fields, files={"file": ("a.sql", b"SELECT 1")}
        )

    number = answer('{"DBA": ["lead"]}').json()["number"]
    assert company.developer.ticket(number)["revisions"][0]["count_exactly"] is True
    assert answer("DBA=lead").json()["code"] == "approvers_not_json"
    assert answer('{"DBA": "lead"}').json()["code"] == "approvers_not_json"


# ---------------------------------------------------------------- the submitter


def test_draft_revised_and_submitted(company: Company, target: Target) -> None:
    developer = company.developer
    number = developer.post("/tickets", change(target, sql="DROP TABLE orders", draft=True))["number"]
    assert developer.ticket(number)["state"] == "draft"
    assert {"submit", "revise", "withdraw"} <= set(developer.ticket(number)["actions"])
    body = {"title": "better", "remark": "r", "targets": on(target), "sql": ONE}
    ticket = developer.put(f"/tickets/{number}", body)
    assert (ticket["state"], ticket["revision"], ticket["title"]) == ("draft", 2, "better")
    developer.post(f"/tickets/{number}/submit")
    developer.wait(number, "awaiting_approval")
    assert developer.refused("POST", f"/tickets/{number}/submit", {}) == (409, "transition_impossible")
    first = developer.call("GET", f"/tickets/{number}/script", revision=1)
    assert first.content == b"DROP TABLE orders", "what was there before stays readable"


def test_revising_after_a_failed_review(company: Company, target: Target) -> None:
    number = company.developer.submit(target.datasource, "DROP TABLE orders")
    assert denied(company.developer, number)
    company.developer.put(f"/tickets/{number}", {"title": "x", "targets": on(target), "sql": ONE})
    company.developer.wait(number, "awaiting_approval")


def test_revising_voids_what_was_approved(company: Company, target: Target) -> None:
    number = approved(company, target, ONE)
    body = {"title": "x", "targets": on(target), "sql": "UPDATE orders SET total = 2 WHERE id = 2"}
    company.developer.put(f"/tickets/{number}", body)
    assert company.dba.refused("POST", f"/tickets/{number}/confirm", {})[0] == 409
    company.developer.wait(number, "awaiting_approval")
    assert company.dba.refused("POST", f"/tickets/{number}/confirm", {}) == (409, "transition_impossible")
    company.lead.post(f"/tickets/{number}/approve")
    executed(company, number)
    assert [row[2] for row in target.rows()] == [10, 2, 30, 40]


def test_only_the_submitter_revises_and_withdraws(company: Company, target: Target) -> None:
    number = company.developer.submit(target.datasource, ONE)
    body = {"title": "x", "targets": on(target), "sql": ONE}
    assert company.dba.refused("PUT", f"/tickets/{number}", body) == (403, "not_your_ticket")
    assert company.dba.refused("POST", f"/tickets/{number}/withdraw", {}) == (403, "not_your_ticket")


def test_copy(company: Company, target: Target) -> None:
    original = company.developer.submit(target.datasource, ONE, title="again", remark="why")
    company.developer.post(f"/tickets/{original}/withdraw")
    copy = company.developer.post(f"/tickets/{original}/copy")
    assert (copy["copied_from"], copy["title"], copy["remark"]) == (original, "again", "why")
    assert copy["sha256"] == company.developer.ticket(original)["sha256"]
    company.developer.wait(copy["number"], "awaiting_approval")


def test_comments(company: Company, target: Target) -> None:
    number = company.developer.submit(target.datasource, ONE)
    company.developer.post(f"/tickets/{number}/comments", {"text": " 请尽快 "})
    company.auditor.post(f"/tickets/{number}/comments", {"text": "why?"})
    ticket = company.lead.ticket(number)
    assert [(c["author"]["username"], c["text"]) for c in ticket["comments"]] == [
        ("zhang", "请尽快"),
        ("auditor", "why?"),
    ]
    for wrong in ("  ", "x" * 4001):
        assert company.developer.refused("POST", f"/tickets/{number}/comments", {"text": wrong}) == (
            422,
            "comment_invalid",
        )


# ---------------------------------------------------------------- ending early


def test_cancelling_before_execution(company: Company, target: Target) -> None:
    number = approved(company, target, ONE)
    assert company.dba.refused("POST", f"/tickets/{number}/cancel", {"reason": " "}) == (422, "reason_needed")
    assert company.developer.refused("POST", f"/tickets/{number}/cancel", {"reason": "x"})[0] == 403
    ticket = company.dba.post(f"/tickets/{number}/cancel", {"reason": "发布冻结"})
    assert ticket["state"] == "cancelled"
    assert "发布冻结" in ticket["reason"]["text"]
    assert company.dba.refused("POST", f"/tickets/{number}/confirm", {}) == (409, "transition_impossible")
    assert target.rows() == ROWS


def _sleeping(target: Target) -> list[tuple[object, ...]]:
    return list(
        target.run(
            "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND datname = current_database()"
            " AND query LIKE '%pg_sleep(5%' AND pid <> pg_backend_pid()"
        )
    )


@pytest.mark.parametrize(
    ("before", "state", "total"), [("", "cancelled", 10), (f"{ONE};\n", "partially_succeeded", 1)]
)
def test_cancelling_ends_the_statement_on_the_server(
    company: Company, postgres_endpoint: Endpoint, before: str, state: str, total: int
) -> None:
    target = PostgresTarget(company, postgres_endpoint, "dev")
    number = approved(
        company, target, f"{before}SELECT pg_sleep(500);\nUPDATE orders SET total = 2 WHERE id = 2"
    )
    company.dba.post(f"/tickets/{number}/confirm")
    until(lambda: _sleeping(target), "the slow statement to run")
    company.dba.post(f"/tickets/{number}/cancel", {"reason": "too slow"})
    ticket = company.developer.wait(number, state)
    assert ticket["targets"][0]["execution"]["state"] == "cancelled"
    until(lambda: not _sleeping(target), "the statement to end")
    assert [row[2] for row in target.rows()] == [total, 20, 30, 40]
    assert outcomes(company.developer, number)[-2:] == ["not_applied", "pending"]


# ---------------------------------------------------------------- at a time


def at(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_scheduled(company: Company, target: Target) -> None:
    number = approved(company, target, ONE)
    assert company.dba.post(f"/tickets/{number}/confirm", {"run_at": at(2)})["state"] == "scheduled"
    assert target.rows() == ROWS
    company.developer.wait(number, "succeeded")
    assert target.rows()[0] == (1, "ann", 1)


def test_unscheduled(company: Company, target: Target) -> None:
    number = approved(company, target, ONE)
    company.dba.post(f"/tickets/{number}/confirm", {"run_at": at(3600)})
    assert company.developer.refused("POST", f"/tickets/{number}/unschedule", {})[0] == 403
    ticket = company.dba.post(f"/tickets/{number}/unschedule")
    assert (ticket["state"], ticket["run_at"], ticket["confirmed_by"]) == ("approved", None, None)
    executed(company, number)


@pytest.mark.parametrize(
    ("seconds", "refusal"),
    [(-5, (422, "run_at_invalid")), (8 * 86400, (409, "approval_expired"))],
    ids=["past", "after the approval has expired"],
)
def test_time_that_is_none(
    company: Company, target: Target, seconds: float, refusal: tuple[int, str]
) -> None:
    number = approved(company, target, ONE)
    assert company.dba.refused("POST", f"/tickets/{number}/confirm", {"run_at": at(seconds)}) == refusal
    assert company.developer.ticket(number)["state"] == "approved"


# ---------------------------------------------------------------- lists


def numbers(api: Api, **wanted: object) -> list[str]:
    return [ticket["number"] for ticket in api.get("/tickets", **wanted)["tickets"]]


def test_boxes(company: Company, target: Target) -> None:
    number = company.developer.submit(target.datasource, ONE)
    company.developer.wait(number, "awaiting_approval")
    assert number in numbers(company.developer, box="mine")
    assert number not in numbers(company.developer, box="todo")
    assert number in numbers(company.lead, box="todo")
    assert number not in numbers(company.lead, box="mine")
    assert number in numbers(company.auditor, box="all")
    assert number not in numbers(company.auditor, box="todo")
    assert number not in numbers(company.stranger, box="all")
    company.lead.post(f"/tickets/{number}/approve")
    assert number in numbers(company.dba, box="todo"), "to be confirmed"
    failed = company.developer.submit(target.datasource, "DROP TABLE orders")
    company.developer.wait(failed, "review_failed")
    assert failed in numbers(company.developer, box="todo"), "to be mended"


def test_filters_and_pages(company: Company, target: Target) -> None:
    word = unique("needle")
    filed = [company.developer.submit(target.datasource, ONE, title=f"{word} item{n}x") for n in range(5)]
    for number in filed:
        company.developer.wait(number, "awaiting_approval")
    company.developer.post(f"/tickets/{filed[0]}/withdraw")
    assert numbers(company.lead, words=word.upper()) == filed[::-1]
    assert numbers(company.lead, words=f"{word} item3x") == [filed[3]]
    assert numbers(company.lead, words=word, state="withdrawn") == [filed[0]]
    assert numbers(company.lead, words=word, kind="schema_change") == []
    assert numbers(company.lead, words=word, submitter="zhang", size=2) == filed[:2:-1]
    assert numbers(company.lead, datasource_id=target.datasource["id"]) == filed[::-1]
    seen: list[str] = []
    page: Json = {"next": None}
    while not seen or page["next"]:
        more = {"cursor": page["next"]} if page["next"] else {}
        page = company.lead.get("/tickets", words=word, size=2, **more)
        seen += [ticket["number"] for ticket in page["tickets"]]
    assert seen == filed[::-1]


# ---------------------------------------------------------------- failing and undoing


def test_failing_statement(company: Company, target: Target) -> None:
    number = approved(company, target, "INSERT INTO orders VALUES (1, 'eve', 5);\n" + ONE)
    ticket = executed(company, number, "failed")
    assert ticket["reason"]["code"] == "execution_statement_failed"
    first, second = company.developer.statements(number)
    assert (first["outcome"], second["outcome"]) == ("not_applied", "pending")
    assert "UNIQUE constraint failed" in first["server_error"]
    assert target.rows() == ROWS
    assert company.developer.refused("POST", f"/tickets/{number}/undo", {}) == (409, "nothing_to_undo")


def undo(company: Company, number: str, *states: str) -> Json:
    filed = company.developer.post(f"/tickets/{number}/undo")["tickets"][0]["number"]
    company.developer.wait(filed, "awaiting_approval")
    company.lead.post(f"/tickets/{filed}/approve")
    return executed(company, filed, *states)


def test_undo(company: Company, target: Target) -> None:
    sql = "UPDATE orders SET total = total * 2;\nDELETE FROM orders WHERE id = 3;\nUPDATE orders SET name = 'x' WHERE id = 1"
    number = approved(company, target, sql)
    executed(company, number)
    ticket = undo(company, number)
    assert target.rows() == ROWS
    assert ticket["undo_of"] == number
    assert company.developer.ticket(number)["undos"] == [ticket["number"]]
    body = {"title": "x", "targets": on(target), "sql": ONE}
    assert company.developer.refused("PUT", f"/tickets/{ticket['number']}", body) == (
        409,
        "undo_not_editable",
    )


def test_undo_conflict(company: Company, target: Target) -> None:
    """A row was changed by somebody else in between: it is left alone, and so is what comes after it."""
    number = approved(company, target, "UPDATE orders SET total = total + 1 WHERE id <= 3")
    executed(company, number)
    target.run("UPDATE orders SET total = 777 WHERE id = 2")
    ticket = undo(company, number, "failed", "partially_succeeded")
    assert ticket["reason"]["code"] == "undo_conflict"
    rows = {row[0]: row[2] for row in target.rows()}
    assert (rows[2], rows[4]) == (777, 40)
    found = outcomes(company.developer, ticket["number"])
    assert found.count("not_applied") == 1
    assert {rows[1], rows[3]} <= {10, 11, 30, 31}
    assert sum(rows[row] in (10, 30) for row in (1, 3)) == found.count("applied")


def test_undo_that_is_impossible(company: Company, target: Target) -> None:
    target.run("CREATE TABLE plain (name TEXT)")
    target.run("INSERT INTO plain VALUES ('a')")
    number = approved(company, target, f"{ONE};\nUPDATE plain SET name = 'b' WHERE name = 'a'")
    assert company.developer.statements(number)[0]["undo_reason"] == ""
    executed(company, number)
    answer = company.developer.call("POST", f"/tickets/{number}/undo")
    assert (answer.status_code, answer.json()["code"]) == (409, "undo_impossible")
    assert answer.json()["params"]["ordinal"] == 2
    assert company.developer.statements(number)[1]["undo_reason"]


def test_undo_needs_a_part_in_the_ticket(company: Company, target: Target) -> None:
    number = approved(company, target, ONE)
    executed(company, number)
    assert company.auditor.refused("POST", f"/tickets/{number}/undo", {}) == (403, "not_your_ticket")
    operator, username = person(company, "developer")
    company.admin.post(
        "/grants",
        {"username": username, "actions": ["execute"], "datasource_id": target.datasource["id"]},
    )
    assert operator.refused("POST", f"/tickets/{number}/undo", {}) == (403, "access_missing")


def test_repeated_requests(company: Company, target: Target) -> None:
    """Over the network, as a client does that got no answer."""
    key = {"Idempotency-Key": unique("key")}
    answers = [
        company.developer.http.post("/tickets", json=change(target), headers=key).json()["number"]
        for _ in range(3)
    ]
    assert len(set(answers)) == 1
    assert numbers(company.lead, datasource_id=target.datasource["id"]) == [answers[0]]
