"""What the command line says when something is wrong, and with which exit status."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.service import Cli, Service
from tests.cli.wire import listening


def test_a_wrong_password(nobody: Cli) -> None:
    wrong = nobody("login", "-u", "admin", stdin=b"no")
    assert (wrong.status, wrong.out) == (1, "") and wrong.err.endswith(".\n")
    chinese = nobody("login", "-u", "admin", stdin=b"no", language="zh")
    assert "密码" in chinese.err and not (nobody.home / "sluicegate").exists()
    assert nobody("login", "-u", "admin").status == 2  # none was given
    assert nobody("login", stdin=b"x").status == 2  # as whom?


def test_without_login(nobody: Cli) -> None:
    done = nobody("ticket", "list")
    assert done.status == 1 and f"sluicegate login --url {nobody.url}" in done.err
    assert nobody("logout").status == 1


def test_no_server(nobody: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    done = nobody("login", "--url", url, "-u", "admin", stdin=b"x")
    assert done.status == 1 and f"Can't reach {url}" in done.err
    assert nobody("login", "--url", "localhost:80", "-u", "admin", stdin=b"x").status == 2


def test_another_server(nobody: Cli) -> None:
    def page(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")

    def tickets(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{"a": []}')

    with listening(page) as url:
        done = nobody.at(url, SLUICEGATE_TOKEN="sgt_x")("ticket", "list")
        assert done.status == 1 and "isn't Sluicegate (HTTP 404)" in done.err
        assert nobody.at(url)("doctor").status == 1
    with listening(tickets) as url:
        done = nobody.at(url, SLUICEGATE_TOKEN="sgt_x")("ticket", "list")
        assert done.status == 1 and "Use the same version" in done.err


def test_the_stored_token_goes_to_no_other_server(dev: Cli) -> None:
    reached: list[bytes] = []

    def note(connection: socket.socket) -> None:
        with connection:
            reached.append(connection.recv(65536))

    with listening(note) as url:
        done = dev.at(url)("ticket", "list")
    assert done.status == 1 and f"not logged in to {url}" in done.err
    assert reached == []


def test_what_a_person_may_not_do(dev: Cli, service: Service) -> None:
    done = dev("user", "list")
    assert (done.status, done.out) == (1, "") and "user.manage" in done.err
    assert "user.manage" in dev("user", "list", language="zh").err
    assert (
        dev("datasource", "show", "nowhere").err
        == "There is no data source nowhere, or you may not see it.\n"
    )
    assert dev("ticket", "show", "SG-99999").status == 1
    assert dev("ticket", "submit", "-t", "t", "--target", "shop", "--sql", "").status == 1


USAGE = [
    ("ticket", "show"),
    ("ticket", "show", "what"),
    ("ticket", "frobnicate"),
    ("ticket", "list", "--since", "yesterday"),
    ("ticket", "list", "--box", "none"),
    ("ticket", "submit", "-t", "t", "--target", "shop"),
    ("ticket", "submit", "-t", "t", "--target", "shop", "--sql", "a", "--file", "b"),
    ("ticket", "submit", "-t", "t", "--target", "shop", "--file", "/nowhere/at.all"),
    ("ticket", "submit", "-t", "t", "--target", "shop:a:b:c", "--sql", "SELECT 1"),
    ("ticket", "submit", "-t", "t", "--target", "shop", "--sql", "a", "--draft", "--wait"),
    ("ticket", "request-access", "-t", "t", "--object", "shop", "--action", "query"),
    ("ticket", "cancel", "SG-1"),
    ("access", "grant", "-a", "query", "--datasource", "shop"),
    ("access", "grant", "-a", "query", "--user", "dev"),
    ("flow", "set", "--provider", "builtin", "--level", "some:dev"),
    ("user", "edit", "dev"),
    ("user", "password", "dev"),
    ("datasource", "add", "x", "--password-stdin", "--password-file", "y", "--dialect", "mysql", "-e", "dev"),
    ("token", "revoke", "1"),
    ("doctor", "everything"),
]


@pytest.mark.parametrize("words", USAGE, ids=" ".join)
def test_wrong_use(words: tuple[str, ...], admin: Cli) -> None:
    done = admin(*words)
    assert (done.status, done.out) == (2, ""), done.err
    assert done.err


def test_a_damaged_login(admin: Cli, tmp_path: Path) -> None:
    damaged = Cli(tmp_path, admin.url)
    (tmp_path / "sluicegate").mkdir()
    (tmp_path / "sluicegate" / "credentials.json").write_text("{")
    assert damaged("ticket", "list").status == 2
