"""Tickets on the command line, the whole way, with a real service and a real target."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from sluicegate.cli import ticket_read
from tests.cli.service import Cli, Service
from tests.cli.wire import Wire, listening


def filed(
    cli: Cli, title: str, *more: str | Path, sql: str = "UPDATE users SET score = 1 WHERE id = 1"
) -> str:
    """The number of a new ticket that has been reviewed."""
    sql_options = () if "--file" in more or "-" in more else ("--sql", sql)
    ticket = cli.json("ticket", "submit", "-t", title, "--target", "shop", "--wait", *sql_options, *more)
    number = ticket["number"]
    assert isinstance(number, str)
    return number


def test_from_the_sql_to_its_undo(service: Service, dev: Cli, boss: Cli) -> None:
    service.script("INSERT INTO users VALUES (101, 'a', 5), (102, 'b', 6), (103, 'c', 7);")
    sql = "UPDATE users SET score = score + 10 WHERE id IN (101, 102);\nDELETE FROM users WHERE id = 103;"
    done = dev.ok("ticket", "submit", "-t", "改分数", "-m", "why", "--target", "shop", "--sql", sql, "--wait")
    number = done.out.split()[1]
    assert done.out == f"Filed {number} “改分数”: Awaiting approval.\n"

    shown = dev.ok("ticket", "show", number.removeprefix("SG-")).out
    turn = next(line for line in shown.splitlines() if line.startswith("Waiting for"))
    assert "Boss" in turn and "Dev" not in turn
    assert hashlib.sha256(sql.encode()).hexdigest() in shown
    assert "prod PRODUCTION" in shown and "DELETE FROM users WHERE id = 103" in shown
    assert "prod 【生产】" in dev.ok("ticket", "show", number, language="zh").out

    refused = dev("ticket", "approve", number)
    assert (refused.status, refused.err) == (1, "You can't approve your own ticket. Somebody else has to.\n")
    assert number in boss.ok("ticket", "list", "--box", "todo").out
    assert boss("ticket", "approve", number, "--sha256", "0" * 64).status == 2
    approved = boss.ok(
        "ticket", "approve", number, "-m", "好的", "--sha256", hashlib.sha256(sql.encode()).hexdigest()
    )
    assert approved.out == f"{number} “改分数”: Approved.\n"

    unconfirmed = dev("ticket", "confirm", number)
    assert unconfirmed.status == 2 and "--yes" in unconfirmed.err
    assert service.rows("SELECT score FROM users WHERE id = 101") == [(5,)]
    with dev.started("ticket", "watch", number, "--json") as watching:
        confirmed = dev.ok("ticket", "confirm", number, "--yes", "--wait")
        out, err = watching.communicate(timeout=60)
    assert f"About to execute {number} “改分数”, now, on:\n  shop  sqlite  prod PRODUCTION" in confirmed.err
    assert confirmed.out.splitlines()[-1] == f"{number}  Succeeded  #0 2/2"
    assert watching.returncode == 0, err
    events = [json.loads(line) for line in out.splitlines()]
    assert events[-1]["final"] is True and events[-1]["targets"][0]["done"] == 2
    assert service.rows("SELECT id, score FROM users WHERE id > 100") == [(101, 15), (102, 16)]

    ran = dev.json("ticket", "statements", number)
    assert [(item["outcome"], item["affected_rows"]) for item in ran] == [("applied", 2), ("applied", 1)]
    shown = dev.ok("ticket", "show", number).out
    assert "2/2" in shown and "好的" in shown

    undo = dev.json("ticket", "undo", number, "--yes", "--wait")[0]["number"]
    assert dev.json("ticket", "show", number)["undos"] == [undo]
    boss.ok("ticket", "approve", undo)
    dev.ok("ticket", "confirm", undo, "--yes", "--wait")
    assert service.rows("SELECT id, score FROM users WHERE id > 100") == [(101, 5), (102, 6), (103, 7)]


def test_what_the_review_sends_back_is_revised(dev: Cli, boss: Cli) -> None:
    base = ("ticket", "submit", "-t", "drop", "--target", "shop", "--wait")
    done = dev(*base, "--sql", "DROP TABLE users")
    assert done.status == 1 and "Review failed" in done.out
    number = done.out.split()[1]
    watched = dev("ticket", "watch", number)  # nothing goes on there by itself
    assert watched.status == 1 and "Review failed" in watched.out
    assert "denied" in dev.ok("ticket", "statements", number).out

    mended = dev.json(
        "ticket", "revise", number, "--sql", "UPDATE users SET score = 2 WHERE id = 2", "--wait"
    )
    assert (mended["revision"], mended["title"], mended["state"]) == (2, "drop", "awaiting_approval")
    renamed = dev.json("ticket", "revise", number, "--title", "not a drop", "--wait")
    assert renamed["sha256"] == mended["sha256"] and renamed["title"] == "not a drop"
    assert dev.ok("ticket", "script", number, "--revision", "1").raw == b"DROP TABLE users"

    with dev.started("ticket", "watch", number) as watching:
        boss.ok("ticket", "reject", number, "-m", "太晚了")
        out, _ = watching.communicate(timeout=60)
    assert watching.returncode == 1 and "太晚了" in out


def test_exact_counts_stay_asked_for(service: Service, dev: Cli) -> None:
    service.script("INSERT INTO users VALUES (201, 'd', 1);")
    one = "UPDATE users SET score = 2 WHERE id = 201"
    number = filed(dev, "count", "--count-exactly", sql=one)
    assert "1 (counted)" in dev.ok("ticket", "statements", number).out
    renamed = dev.json("ticket", "revise", number, "--title", "counted", "--wait")
    assert renamed["revisions"][-1]["count_exactly"] is True
    usual = dev.json("ticket", "revise", number, "--no-count-exactly", "--wait")
    assert usual["revisions"][-1]["count_exactly"] is False  # SQLite's estimates are counts all the same


def test_the_bytes_are_those_of_the_file(dev: Cli, tmp_path: Path) -> None:
    content = "\ufeff-- 注释\r\nUPDATE users SET name = '  é\t' WHERE id = 1;\r\n\n  ".encode()
    file = tmp_path / "更新.sql"
    file.write_bytes(content)
    by_file = filed(dev, "file", "--file", file)
    assert dev.ok("ticket", "script", by_file).raw == content
    shown = dev.json("ticket", "show", by_file)
    assert (shown["filename"], shown["sha256"]) == ("更新.sql", hashlib.sha256(content).hexdigest())

    ticket = dev.json("ticket", "submit", "-t", "stdin", "--target", "shop", "-", stdin=content)
    assert dev.ok("ticket", "script", ticket["number"]).raw == content

    large = b"-- " + b"x" * 1_200_000 + b"\r\nUPDATE users SET score = 3 WHERE id = 3;\n"
    file.write_bytes(large)
    by_upload = filed(dev, "upload", "--count-exactly", "--file", file)
    assert dev.json("ticket", "show", by_upload)["revisions"][0]["count_exactly"] is True
    assert dev.ok("ticket", "script", by_upload).raw == large
    assert dev.json("ticket", "show", by_upload)["filename"] == "更新.sql"

    file.write_bytes(b"SELECT '\xff'")
    refused = dev("ticket", "submit", "-t", "latin", "--target", "shop", "--file", file)
    assert refused.status == 2 and "isn't UTF-8" in refused.err


def test_a_creating_call_whose_answer_is_lost_is_repeated_and_creates_once(
    dev: Cli, service: Service
) -> None:
    wire = Wire(service.url, "POST /api/v1/tickets ", breaks=2)
    token = json.loads((dev.home / "sluicegate" / "credentials.json").read_text())["token"]
    with listening(wire.handle) as url:
        far = dev.at(url, SLUICEGATE_TOKEN=token)
        ticket = far.json("ticket", "submit", "-t", "lostanswer", "--target", "shop", "--sql", "SELECT 1")
    assert wire.broken == 2
    found = dev.json("ticket", "list", "--words", "lostanswer")
    assert [item["number"] for item in found] == [ticket["number"]]


def test_a_decision_whose_answer_is_lost_is_not_repeated(dev: Cli, service: Service) -> None:
    number = dev.json("ticket", "submit", "-t", "x", "--target", "shop", "--sql", "SELECT 1")["number"]
    wire = Wire(service.url, "/withdraw ")
    token = json.loads((dev.home / "sluicegate" / "credentials.json").read_text())["token"]
    with listening(wire.handle) as url:
        lost = dev.at(url, SLUICEGATE_TOKEN=token)("ticket", "withdraw", number)
        assert lost.status == 1 and f"Can't reach {url}" in lost.err
    assert len(wire.requests) == 1


def test_a_broken_stream_is_taken_up_again(dev: Cli, service: Service) -> None:
    number = filed(dev, "stream")
    wire = Wire(service.url, "/events ", after=b"event: ticket")
    token = json.loads((dev.home / "sluicegate" / "credentials.json").read_text())["token"]
    with (
        listening(wire.handle) as url,
        dev.at(url, SLUICEGATE_TOKEN=token).started("ticket", "watch", number) as it,
    ):
        assert it.stdout is not None
        assert it.stdout.readline() == f"{number}  Awaiting approval\n"
        dev.ok("ticket", "withdraw", number)
        out, err = it.communicate(timeout=60)
    assert wire.broken == 1
    assert (it.returncode, out.splitlines()[0], err) == (1, f"{number}  Withdrawn", "")


def test_lists(dev: Cli, boss: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = ("--target", "shop", "--sql", "SELECT 1", "--draft")
    numbers = [
        dev.json("ticket", "submit", "-t", f"listed {n}", "-m", "zebra", *draft)["number"] for n in range(3)
    ]

    def found(*options: str, cli: Cli = dev) -> list[str]:
        rows = cli.json("ticket", "list", "--words", "zebra", *options)
        return [row["number"] for row in rows]

    newest_first = numbers[::-1]
    assert found() == newest_first
    assert found("--box", "mine", "--state", "draft", "--state", "failed") == newest_first
    assert found("--kind", "data_change", "--datasource", "shop", "--submitter", "dev") == newest_first
    assert found("--since", "1h") == newest_first and found("--until", "1h") == []
    assert (
        found("--kind", "schema_change") == found("--submitter", "boss") == found("--state", "failed") == []
    )
    assert found("--limit", "2") == newest_first[:2]
    monkeypatch.setattr(ticket_read, "_PAGE", 1)
    assert found() == newest_first  # page after page
    assert found("--box", "todo", cli=boss) == []
    assert dev.ok("ticket", "list", "--words", "nothing has this").out == "Nothing found.\n"


def test_small_steps(dev: Cli, boss: Cli) -> None:
    draft = dev.json("ticket", "submit", "-t", "steps", "--target", "shop", "--sql", "SELECT 1", "--draft")
    assert draft["state"] == "draft"
    dev.ok("ticket", "revise", draft["number"], "--sql", "UPDATE users SET score = 1 WHERE id = 1")
    assert dev.json("ticket", "send", draft["number"], "--wait")["state"] == "awaiting_approval"
    dev.ok("ticket", "comment", draft["number"], "看一下")
    assert "看一下" in boss.ok("ticket", "show", draft["number"]).out

    copied = dev.json("ticket", "copy", draft["number"], "--wait")
    assert copied["copied_from"] == draft["number"]
    boss.ok("ticket", "approve", copied["number"])
    later = dev.json("ticket", "confirm", copied["number"], "--at", "2h", "--yes")
    assert later["state"] == "scheduled" and later["run_at"] is not None
    assert dev.json("ticket", "unschedule", copied["number"])["run_at"] is None
    assert dev("ticket", "cancel", copied["number"], "-r", "late").status == 2
    cancelled = dev.ok("ticket", "cancel", copied["number"], "-r", "late", "--yes")
    assert "shop  sqlite  prod PRODUCTION" in cancelled.err
    assert cancelled.out == f"{copied['number']} “steps”: Cancelled.\n"
    assert dev.ok("ticket", "withdraw", draft["number"]).out == f"{draft['number']} “steps”: Withdrawn.\n"


def test_access_is_asked_for_and_given(dev: Cli, boss: Cli) -> None:
    asked = dev.json(
        "ticket", "request-access", "-t", "read", "--object", "shop:*:*:users", "--action", "query",
        "--hours", "4", "--wait",
    )  # fmt: skip
    assert "query, for 4 hours from the approval" in dev.ok("ticket", "show", asked["number"]).out
    boss.ok("ticket", "approve", asked["number"])
    dev.ok("ticket", "watch", asked["number"])
    given = [item for item in dev.json("access", "mine") if item["ticket"] == asked["number"]]
    assert [(item["actions"], item["table"], item["live"]) for item in given] == [(["query"], "users", True)]
    dev.ok("access", "revoke", str(given[0]["id"]), "--yes")
    assert given[0]["id"] not in [item["id"] for item in dev.json("access", "mine")]
    assert given[0]["id"] in [item["id"] for item in dev.json("access", "mine", "--all")]


def test_text_of_others_does_not_steer_the_terminal(dev: Cli) -> None:
    remark = "a\x1b]0;b\x07\u202ec"
    base = ("--target", "shop", "--sql", "SELECT 1", "--draft")
    number = dev.json("ticket", "submit", "-t", "escape", "-m", remark, *base)["number"]
    shown = dev.ok("ticket", "show", number).out
    assert "\x1b" not in shown and "\u202e" not in shown
    assert "a\\x1b]0;b\\x07\\u202ec" in shown
