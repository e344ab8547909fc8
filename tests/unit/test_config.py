"""Every setting: read, and a wrong value named with its variable."""

from __future__ import annotations

import traceback
from ipaddress import ip_network
from pathlib import Path

import pytest

from sluicegate.core.config import PREFIX, SECRETS, Config, load
from sluicegate.core.errors import ConfigurationError

# setting: a value it takes, that value as read, and one it doesn't take
VALUES: dict[str, tuple[str, object, str | None]] = {
    "database_url": ("postgresql://u:p@h/d", "postgresql://u:p@h/d", "mysql://u:p@h/d"),
    "data_dir": ("/srv/sg", Path("/srv/sg"), None),
    "key": ("c2VjcmV0", "c2VjcmV0", None),
    "host": ("0.0.0.0", "0.0.0.0", None),
    "port": ("80", 80, "65536"),
    "public_url": ("https://sg.example/", "https://sg.example", "sg.example"),
    "trusted_proxies": ("10.0.0.1, 10.0.0.2,", ("10.0.0.1", "10.0.0.2"), None),
    "language": ("en", "en", "fr"),
    "time_zone": ("Europe/Berlin", "Europe/Berlin", "../Berlin"),
    "log_format": ("json", "json", "xml"),
    "log_level": ("debug", "debug", "loud"),
    "max_script_bytes": ("2048", 2048, "1023"),
    "session_hours": ("1", 1, "0"),
    "web_threads": ("4", 4, "four"),
    "worker_concurrency": ("4", 4, "257"),
    "lease_seconds": ("2.5", 2.5, "0.5"),
    "reconcile_seconds": ("1", 1.0, "never"),
    "approval_days": ("30", 30, "366"),
    "review_count_seconds": ("2.5", 2.5, "0"),
    "review_explains_per_second": ("10", 10, "0"),
    "sqlite_roots": ("/a,/b", (Path("/a"), Path("/b")), "/a,b"),
    "target_networks": (
        "10.0.0.0/8,fd12::/16",
        (ip_network("10.0.0.0/8"), ip_network("fd12::/16")),
        "10.0.0.1/8",
    ),
    "dingtalk_calls_per_second": ("60", 60, "0"),
    "dingtalk_api_base": ("http://127.0.0.1:1/", "http://127.0.0.1:1", "127.0.0.1:1"),
    "dingtalk_oapi_base": ("http://127.0.0.1:1", "http://127.0.0.1:1", "ftp://x"),
}


def variable(name: str) -> str:
    return PREFIX + name.upper()


def plain(settings: Config, name: str) -> object:
    value = getattr(settings, name)
    return value.get_secret_value() if name in SECRETS else value


def test_the_table_above_is_whole() -> None:
    assert set(VALUES) == set(Config.model_fields)


@pytest.mark.parametrize("name", VALUES)
def test_read(name: str) -> None:
    given, expected, _ = VALUES[name]
    assert plain(load({variable(name): given}), name) == expected


@pytest.mark.parametrize("name", [name for name, (_, _, wrong) in VALUES.items() if wrong])
def test_wrong_value_is_named(name: str) -> None:
    wrong = VALUES[name][2]
    assert wrong is not None
    with pytest.raises(ConfigurationError) as refusal:
        load({variable(name): wrong})
    assert refusal.value.code == "config_invalid"
    assert refusal.value.params["name"] == variable(name)
    assert refusal.value.params["problem"]


@pytest.mark.parametrize("name", SECRETS)
def test_secret_in_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    given, expected, _ = VALUES[name]
    file.write_text(f"{given}\n")
    assert plain(load({variable(name) + "_FILE": str(file)}), name) == expected


@pytest.mark.parametrize("name", SECRETS)
def test_secret_stays_out_of_sight(name: str, tmp_path: Path) -> None:
    shown = repr(load({variable(name): VALUES[name][0]}))
    assert VALUES[name][0] not in shown
    file = tmp_path / "secret"
    file.write_bytes(b"hunter2\xff")
    for given in ({variable(name): "mysql://u:hunter2@h"}, {variable(name) + "_FILE": str(file)}):
        try:
            load(given)
        except ConfigurationError:
            assert "hunter2" not in traceback.format_exc()


def test_secret_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load({"SLUICEGATE_KEY_FILE": str(tmp_path / "nowhere")})
    assert refusal.value.params["name"] == "SLUICEGATE_KEY_FILE"


@pytest.mark.parametrize("name", ["SLUICEGATE_PROT", "SLUICEGATE_PORT_FILE", "SLUICEGATE_"])
def test_unknown_variable(name: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load({name: "1"})
    assert (refusal.value.code, refusal.value.params) == ("config_unknown", {"name": name})


def test_what_is_no_setting_is_left_alone() -> None:
    client = {"SLUICEGATE_URL": "x", "SLUICEGATE_TOKEN": "x", "SLUICEGATE_PASSWORD": "x", "PORT": "1"}
    assert load(client) == load({})


def test_platforms_variable() -> None:
    assert plain(load({"DATABASE_URL": "postgres://h/d"}), "database_url") == "postgres://h/d"


def test_only_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_PORT", "1")
    assert load({}).port == 8180


def test_address_for_links() -> None:
    assert load({}).url == "http://127.0.0.1:8180"
    assert load({"SLUICEGATE_PUBLIC_URL": "https://sg.example/x/"}).url == "https://sg.example/x"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load({}).port = 1  # type: ignore[misc]
