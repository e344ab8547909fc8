"""Sealing, and the key file."""

from __future__ import annotations

import base64
import multiprocessing
import stat
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.core import crypto
from sluicegate.core.errors import ConfigurationError
from tests.unit.configuring import configured, new_key

KEY = new_key()


@pytest.fixture(autouse=True)
def keyed() -> Iterator[None]:
    with configured({"SLUICEGATE_KEY": KEY}):
        yield


def wrong(sealed: bytes, context: str) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        crypto.unseal_bytes(sealed, context)
    return refusal.value.code


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens(secret: bytes, context: str) -> None:
    sealed = crypto.seal(secret, context)
    assert crypto.unseal_bytes(sealed, context) == secret
    assert crypto.unseal_bytes(memoryview(sealed), context) == secret


def test_nothing_of_it_shows_and_no_two_are_the_same() -> None:
    first, second = crypto.seal("hunter2hunter2", "a"), crypto.seal("hunter2hunter2", "a")
    assert first != second
    assert b"hunter" not in first


def test_for_another_object() -> None:
    assert wrong(crypto.seal("x", "datasource:1:password"), "datasource:2:password") == "sealing_key_wrong"


def test_with_another_key() -> None:
    sealed = crypto.seal("x", "a")
    with configured({"SLUICEGATE_KEY": new_key()}):
        assert wrong(sealed, "a") == "sealing_key_wrong"


@given(st.data())
def test_altered(data: st.DataObject) -> None:
    sealed = bytearray(crypto.seal("secret", "a"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    assert wrong(bytes(sealed), "a") == "sealing_key_wrong"


@given(st.binary(max_size=40))
def test_anything_else(junk: bytes) -> None:
    assert wrong(junk, "a") == "sealing_key_wrong"


def test_no_key_serves_two_purposes() -> None:
    assert crypto.derive("a") != crypto.derive("b")
    assert crypto.derive("a") != crypto.master_key()
    assert crypto.sign(b"m", "a") != crypto.sign(b"m", "b")


@pytest.mark.parametrize(
    "encoded",
    ["", "???", "水闸", base64.b64encode(b"short").decode(), KEY + KEY],
    ids=["empty", "no base64", "no ASCII", "short", "twice"],
)
def test_key_that_is_none(encoded: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        crypto.read_key(encoded, "here")
    assert (refusal.value.code, refusal.value.params) == ("sealing_key_invalid", {"source": "here"})


# ---------------------------------------------------------------- the key file


def test_key_file(tmp_path: Path) -> None:
    path = tmp_path / "data" / "sealing.key"
    crypto.ensure_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(crypto.read_key(path.read_text(), "file")) == crypto.KEY_BYTES
    assert [item.name for item in path.parent.iterdir()] == ["sealing.key"]
    with configured({"SLUICEGATE_DATA_DIR": str(path.parent)}):
        assert crypto.master_key() == crypto.read_key(path.read_text(), "file")


def test_key_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "sealing.key"
    crypto.ensure_key_file(path)
    before = path.read_bytes()
    crypto.ensure_key_file(path)
    assert path.read_bytes() == before


def test_lost_key_file_is_noticed(tmp_path: Path) -> None:
    with configured({"SLUICEGATE_DATA_DIR": str(tmp_path)}):
        with pytest.raises(ConfigurationError) as refusal:
            crypto.master_key()
        assert refusal.value.code == "sealing_key_missing"
        assert list(tmp_path.iterdir()) == []


def _make_and_read(path: Path) -> bytes:
    crypto.ensure_key_file(path)
    return path.read_bytes()


def test_processes_that_race_make_one_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as processes:
        for round_ in range(20):
            paths = [tmp_path / str(round_) / "sealing.key"] * 2
            assert len(set(processes.map(_make_and_read, paths))) == 1


def test_threads_that_race_make_one_key(tmp_path: Path) -> None:
    """As processes do that have the same pid, in two containers over one volume."""
    with ThreadPoolExecutor(4) as threads:
        for round_ in range(20):
            paths = [tmp_path / str(round_) / "sealing.key"] * 4
            assert len(set(threads.map(_make_and_read, paths))) == 1
