"""Nothing secret gets past the mask."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.core import log
from sluicegate.core.config import load

CANARY = "Canary7Qx"
# Around the canary: what a password may hold. What follows it must be hidden too.
ODD = st.text("aZ0!$%*+-._~()[]{}|^", max_size=6)
SECRETS = st.tuples(ODD, ODD).map(lambda ends: f"{ends[0]}{CANARY}{ends[1]}{CANARY}")
FORMS = [
    "password={}",
    "password='{} and more'",
    'connecting with {{"password": "{}", "port": 1}}',
    "connection failed: host=h password={} dbname=x",
    "?access_token={}&x=1",
    "https://oapi/gettoken?appkey=a&appsecret={}",
    "https://oapi/x?sign={}",
    "Authorization: Bearer {}",
    "x-acs-dingtalk-access-token: {}",
    "SLUICEGATE_TOKEN={}",
    "client_secret = {}",
    "pwd={};server=x",
]


@pytest.mark.parametrize("form", FORMS)
@given(secret=SECRETS)
def test_named_secrets(form: str, secret: str) -> None:
    assert CANARY not in log.mask(f"before {form.format(secret)} after")


# RFC 3986: what may stand in a URL's password unescaped; people also write an @ there.
USERINFO = st.text("aZ0!$&'()*+,;=:@-._~", max_size=8)


@given(
    st.sampled_from(["postgresql", "mysql", "redis", "https"]),
    st.sampled_from(["", "root", "sg_user"]),
    USERINFO,
    USERINFO,
)
def test_passwords_of_addresses(scheme: str, user: str, before: str, after: str) -> None:
    address = f"{scheme}://{user}:{before}{CANARY}{after}{CANARY}@db.example:5432/shop"
    masked = log.mask(f'cannot connect to "{address}" now')
    assert CANARY not in masked
    assert "db.example:5432/shop" in masked


@given(st.text(min_size=1))
def test_escaped_passwords_of_addresses(password: str) -> None:
    address = f"postgresql://u:{quote(CANARY + password, safe='')}@h/d"
    assert CANARY not in log.mask(address)


@pytest.mark.parametrize(
    "text",
    [
        "ticket SG-12 is executing",
        "http://127.0.0.1:8180/api/v1/tickets",
        "job_taken_back task=tickets.execute",
        "目标库 shop 连接超时",
    ],
)
def test_the_rest_stays_readable(text: str) -> None:
    assert log.mask(text) == text


@given(st.text(max_size=300))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert log.mask(log.mask(text)) == log.mask(text)


# ---------------------------------------------------------------- what is really written


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Standard error, with logging configured as a process of the service does."""
    output = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", output)
    log.configure(load({"SLUICEGATE_LOG_FORMAT": "json"}), "test")
    yield output
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_lines_of_ours(written: io.StringIO) -> None:
    log.logger("sluicegate.x").warning(
        "failed", password=CANARY, app_key=CANARY, new_token=CANARY, problem=f"password={CANARY}", port=3306
    )
    line = json.loads(written.getvalue())
    assert CANARY not in written.getvalue()
    assert (line["event"], line["port"], line["process"]) == ("failed", 3306, "test")


def test_lines_of_others_and_tracebacks(written: io.StringIO) -> None:
    try:
        raise RuntimeError(f"cannot open postgresql://u:{CANARY}@h/d")
    except RuntimeError:
        logging.getLogger("library").exception("gave up on mysql://u:%s@h", CANARY)
    assert CANARY not in written.getvalue()
    assert "RuntimeError" in written.getvalue()
