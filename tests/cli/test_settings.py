"""Everything but tickets: data sources, people, access, tokens, flows, the audit log, the doctor."""

from __future__ import annotations

import json
import socket
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from sluicegate.project.postgres import PrivatePostgres
from tests.cli.service import PASSWORDS, ROOT, Cli, Done, Service, command

SECRET = "Sesame-88121-open"


def test_data_sources(admin: Cli, service: Service, tmp_path: Path) -> None:
    assert admin.json("datasource", "test", "shop")["version"].startswith("SQLite")
    assert [item["name"] for item in admin.json("datasource", "tables", "shop")] == ["users"]
    table = admin.ok("datasource", "table", "shop", "users").out
    assert "score" in table and "INTEGER" in table

    place = ("--dialect", "mysql", "-e", "dev", "--host", "db.internal", "-u", "app")
    added = admin.json("datasource", "add", "far:away", *place, "--password-stdin", stdin=SECRET.encode())
    assert (added["port"], added["has_password"]) == (3306, True)
    file = tmp_path / "password"
    file.write_text(SECRET + "\n")
    edited = ("datasource", "edit", "far:away", "--remark", "远方", "--port", "3307")
    assert admin.json(*edited, "--password-file", file)["port"] == 3307
    assert admin.json("datasource", "edit", "far:away", "--tag", "a", "--tag", "b")["tags"] == ["a", "b"]
    assert "db.internal:3307" in admin.ok("datasource", "list", "--words", "远方").out
    assert admin.ok("datasource", "disable", "far:away").out == "Disabled the data source far:away.\n"
    refused = admin("ticket", "submit", "-t", "t", "--target", "far:away:shop", "--sql", "SELECT 1")
    assert refused.status == 1 and "far:away" in refused.err  # found in spite of its colon, but disabled
    assert admin.json("datasource", "enable", "far:away")["enabled"] is True


def test_environments(admin: Cli) -> None:
    names = ("--name-zh", "预发", "--name-en", "Staging")
    admin.ok("environment", "add", "staging", *names, "--position", "25", "--production")
    assert "预发" in admin.ok("environment", "list").out
    assert [item["code"] for item in admin.json("environment", "list")] == ["dev", "test", "staging", "prod"]


def test_people_and_their_tokens(admin: Cli, service: Service, tmp_path: Path) -> None:
    added = admin.ok("user", "add", "eve", "--role", "developer", "--generate-password")
    password = added.out.split()[-1]
    names = ("--name-zh", "发布者", "--name-en", "Releaser", "--permission", "ticket.submit")
    admin.ok("user", "role-set", "releaser", *names)
    admin.ok("user", "group-set", "sales", "--member", "eve", "--remark", "r")
    changed = admin.json("user", "edit", "eve", "--name", "伊芙", "--role", "releaser", "--role", "auditor")
    assert (changed["roles"], changed["groups"]) == (["auditor", "releaser"], ["sales"])
    assert "伊芙" in admin.ok("user", "show", "eve").out and "releaser" in admin.ok("user", "roles").out
    assert "eve" in admin.ok("user", "groups").out and "eve" in admin.ok("user", "list", "--active").out

    eve = Cli(tmp_path, service.url)
    eve.ok("login", "-u", "eve", stdin=password.encode() + b"\n")
    assert eve.json("whoami")["permissions"] == [
        "audit.view",
        "datasource.view_all",
        "ticket.submit",
        "ticket.view_all",
    ]
    made = eve.json("token", "create", "ci", "--days", "7")
    by_token = Cli(tmp_path / "elsewhere", service.url, {"SLUICEGATE_TOKEN": made["token"]})
    assert by_token.json("whoami")["username"] == "eve"
    assert made["token"] not in eve.ok("token", "list").out
    eve.ok("token", "revoke", str(made["id"]), "--yes")
    assert refused(by_token("whoami"), 1)

    stored = json.loads((tmp_path / "sluicegate" / "credentials.json").read_text())
    admin.ok("user", "password", "eve", "--password-stdin", stdin=b"Another-Tulip-9")
    eve.ok("logout")
    assert not (tmp_path / "sluicegate" / "credentials.json").exists()
    assert refused(eve.at(service.url, SLUICEGATE_TOKEN=stored["token"])("whoami"), 1)
    assert refused(eve("login", "-u", "eve", stdin=password.encode()), 1)

    admin.ok("user", "group-delete", "sales", "--yes")
    admin.ok("user", "edit", "eve", "--role", "developer")
    admin.ok("user", "role-delete", "releaser", "--yes")
    assert admin.json("user", "deactivate", "eve", "--yes")["is_active"] is False
    assert refused(eve("login", "-u", "eve", stdin=b"Another-Tulip-9"), 1)
    assert "eve" in admin.ok("user", "list", "--inactive").out


def refused(done: Done, status: int) -> bool:
    return done.status == status and done.err.count("\n") == 1 and done.out == ""


def test_the_stored_token(dev: Cli) -> None:
    file = dev.home / "sluicegate" / "credentials.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["credentials.json"]  # nothing half-written
    file_before = file.read_bytes()
    assert dev("login", "-u", "dev", stdin=b"wrong").status == 1
    assert file.read_bytes() == file_before


def test_secrets_are_shown_nowhere(admin: Cli, service: Service) -> None:
    token = json.loads((admin.home / "sluicegate" / "credentials.json").read_text())["token"]
    add = (
        "datasource",
        "add",
        "shy",
        "--dialect",
        "mysql",
        "-e",
        "dev",
        "--host",
        "127.0.0.1",
        "--port",
        "9",
        "--user",
        "u",
    )
    shown = [
        admin("login", "-u", "admin", stdin=service.admin_password.encode()),
        admin(*add, "--password-stdin", "--json", stdin=SECRET.encode()),
        admin(*add, "--password-stdin", stdin=SECRET.encode()),  # the name is taken now
        admin("datasource", "show", "shy", "--json"),
        admin("datasource", "test", "shy"),
        admin(
            "dingtalk", "connect", "--app-key", "k", "--corp-id", "c", "--secret-stdin", stdin=SECRET.encode()
        ),
        admin("token", "list", "--json"),
        admin("audit", "list", "--json", "--limit", "500"),
        admin.at("http://127.0.0.1:9", SLUICEGATE_TOKEN=token)("whoami"),
    ]
    text = "".join(done.out + done.err for done in shown)
    assert [done.status for done in shown] == [0, 0, 1, 0, 1, 1, 0, 0, 1]
    for secret in (SECRET, token, service.admin_password, *PASSWORDS.values()):
        assert secret not in text


def test_access(admin: Cli, dev: Cli) -> None:
    made = admin.json(
        "access", "grant", "--user", "dev", "-e", "test", "-a", "query", "--until", "3d", "-r", "why"
    )
    assert (made["environment"], made["reason"]) == ("test", "why")
    assert made["id"] in [item["id"] for item in admin.json("access", "list", "--user", "dev")]
    assert "environment test" in dev.ok("access", "mine").out
    admin.ok("access", "revoke", str(made["id"]), "--yes")
    assert made["id"] not in [item["id"] for item in admin.json("access", "list", "--user", "dev")]
    assert made["id"] in [item["id"] for item in admin.json("access", "list", "--user", "dev", "--all")]


def test_flows(admin: Cli) -> None:
    place = ("--provider", "builtin", "-e", "test", "-k", "data_change")
    made = admin.json("flow", "set", *place, "--level", "any:@dba,boss", "--level", "all:admin")
    assert [(level["mode"], level["roles"], level["users"]) for level in made["levels"]] == [
        ("any", ["dba"], ["boss"]),
        ("all", [], ["admin"]),
    ]
    assert "any:@dba,boss → all:admin" in admin.ok("flow", "list").out
    admin.ok("flow", "delete", str(made["id"]), "--yes")
    assert admin.json("flow", "list") == []


def test_audit_log(admin: Cli) -> None:
    entries = admin.json("audit", "list", "--action", "datasource.registered", "--limit", "600")
    assert entries[-1]["data"]["name"] == "shop"
    assert admin.json("audit", "list", "--until", "1d") == []
    assert len(admin.json("audit", "list", "--limit", "3")) == 3
    assert "admin" in admin.ok("audit", "list", "--actor", "admin", "--since", "1d").out


def test_doctor(admin: Cli, dev: Cli, service: Service, nobody: Cli) -> None:
    lines = {check["name"]: check["status"] for check in admin.json("doctor")}
    assert lines == {
        "reachable": "pass",
        "version": "pass",
        "ready": "pass",
        "login": "pass",
        "dingtalk": "warn",
    }
    assert "Only an administrator" in dev.ok("doctor").out
    assert "sluicegate login" in nobody.ok("doctor").out

    dingtalk = admin("doctor", "dingtalk")  # not connected: nothing would reach it
    assert dingtalk.status == 1 and dingtalk.out.startswith("✗ ")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    down = nobody.at(f"http://127.0.0.1:{free}")("doctor", "--json")
    assert (down.status, [check["status"] for check in down.json]) == (1, ["fail"])


# ---------------------------------------------------------------- on the machine of the service


def locally(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = command("--language", "en", "admin", *arguments, "--data", service.data)
    return subprocess.run(
        words, env=service.cli("x").environment(), cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_verify_audit(service: Service) -> None:
    address = PrivatePostgres.running(service.data)
    assert address is not None
    change = "UPDATE audit_auditentry SET actor = %s WHERE sequence = 2 RETURNING (SELECT actor FROM audit_auditentry WHERE sequence = 2)"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_append_only")
        row = connection.execute(change, ["mallory"]).fetchone()
        try:
            broken = locally(service, "verify-audit", "--json")
        finally:
            assert row is not None
            connection.execute(change, [row[0]])
            connection.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_append_only")
    assert broken.returncode == 1 and json.loads(broken.stdout)["broken_at"] == 2
    intact = locally(service, "verify-audit")
    assert intact.returncode == 0 and "intact" in intact.stdout, intact.stderr


def test_an_administrator_without_the_api(service: Service, nobody: Cli) -> None:
    made = locally(service, "create-admin", "root2", "--name", "Second")
    assert made.returncode == 0, made.stderr
    nobody.ok("login", "-u", "root2", stdin=made.stdout.split()[-1].encode())
    assert nobody.json("whoami")["roles"] == ["administrator"]
    twice = locally(service, "create-admin", "root2")
    assert twice.returncode == 1 and "taken" in twice.stderr

    reset = locally(service, "reset-password", "root2")
    assert nobody("login", "-u", "root2", stdin=made.stdout.split()[-1].encode()).status == 1
    nobody.ok("login", "-u", "root2", stdin=reset.stdout.split()[-1].encode())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_passwords_are_never_arguments(language: str, admin: Cli) -> None:
    for words in (["user", "add"], ["user", "password"], ["datasource", "add"], ["login"]):
        done = admin(*words, "somebody", "--password", SECRET, language=language)
        assert done.status == 2 and SECRET not in done.out + done.err
