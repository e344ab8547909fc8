"""The crypto of HTTP callbacks, with the two official vectors."""

from __future__ import annotations

import base64
import json

import pytest

from sluicegate.core.errors import InvalidInput
from sluicegate.dingtalk.callbacks import (
    CallbackKeys,
    CallbackRejected,
    _cipher,
    encrypt_message,
    open_callback,
    seal_reply,
    signature,
)
from sluicegate.dingtalk.events import event_of_callback
from sluicegate.dingtalk.wire import Unreadable

FIRST = CallbackKeys("123456", "1234567890123456789012345678901234567890123", "dingsnotzck6pm5veliw")
FIRST_BODY = "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA=="
SECOND = CallbackKeys("123456", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "suite4xxxxxxxxxxxxxxx")
SECOND_BODY = (
    "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9V"
    "rYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ=="
)
FIRST_SIGNATURE = "9a95a004dd16f5c307e849b994173f76aa26e5eb"
TIMESTAMP, NONCE = "1614767836", "A7Co0cJLMzIDtMMI"


def opened(keys: CallbackKeys, encrypt: str, *, now: int | None = None, timestamp: str = TIMESTAMP) -> str:
    return open_callback(
        keys,
        signature_given=signature(keys, timestamp, NONCE, encrypt),
        timestamp=timestamp,
        nonce=NONCE,
        encrypt=encrypt,
        now=now,
    )


def test_the_first_official_vector() -> None:
    assert signature(FIRST, TIMESTAMP, NONCE, FIRST_BODY) == FIRST_SIGNATURE
    assert opened(FIRST, FIRST_BODY) == "success"


def test_the_second_official_vector() -> None:
    plain = open_callback(
        SECOND,
        signature_given="5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0",
        timestamp="1445827045067",
        nonce="nEXhMP4r",
        encrypt=SECOND_BODY,
    )
    assert json.loads(plain)["EventType"] == "check_create_suite_url"


@pytest.mark.parametrize("length", [0, 1, 11, 12, 31, 32, 33, 1000])
def test_what_is_sealed_can_be_opened(length: int) -> None:
    message = "审" * length
    reply = seal_reply(FIRST, timestamp="1", nonce="n", message=message)
    assert reply.payload().keys() == {"msg_signature", "timeStamp", "nonce", "encrypt"}
    assert reply.msg_signature == signature(FIRST, "1", "n", reply.encrypt)
    assert opened(FIRST, reply.encrypt) == message
    assert len(base64.b64decode(reply.encrypt)) % 32 == 0


def test_the_official_body_is_what_we_would_seal() -> None:
    """The same random head gives the same bytes; the head is read out of the official vector."""
    opener = _cipher(FIRST).decryptor()
    head = (opener.update(base64.b64decode(FIRST_BODY)) + opener.finalize())[:16]
    assert encrypt_message(FIRST, "success", random=lambda _: head) == FIRST_BODY


@pytest.mark.parametrize(
    "given", ["", "0" * 40, FIRST_SIGNATURE.upper(), FIRST_SIGNATURE[:-1], "签名", "\ud800"]
)
def test_a_wrong_signature_is_rejected(given: str) -> None:
    with pytest.raises(CallbackRejected) as caught:
        open_callback(FIRST, signature_given=given, timestamp=TIMESTAMP, nonce=NONCE, encrypt=FIRST_BODY)
    assert caught.value.code == "dingtalk_callback_signature"


@pytest.mark.parametrize(
    "garbled",
    [
        "",
        "not base64!",
        "AAAA",
        base64.b64encode(b"x" * 16).decode(),
        FIRST_BODY[:-4],
        FIRST_BODY[4:] + "AAAA",
    ],
)
def test_garbled_bodies_are_rejected_even_when_signed(garbled: str) -> None:
    with pytest.raises(CallbackRejected) as caught:
        opened(FIRST, garbled)
    assert caught.value.code in {"dingtalk_callback_unreadable", "dingtalk_callback_owner"}


@pytest.mark.parametrize("padding", [b"\x01" * 4 + b"\x05", b"\x00", b"\x21" * 33])
def test_wrong_padding_is_rejected(padding: bytes) -> None:
    plain = b"r" * 16 + (7).to_bytes(4, "big") + b"success" + FIRST.owner_key.encode()
    filled = plain + b"\x00" * (-(len(plain) + len(padding)) % 16) + padding
    sealer = _cipher(FIRST).encryptor()
    sealed = base64.b64encode(sealer.update(filled) + sealer.finalize()).decode()
    with pytest.raises(CallbackRejected) as caught:
        opened(FIRST, sealed)
    assert caught.value.code == "dingtalk_callback_unreadable"


def test_a_callback_for_another_app_is_rejected() -> None:
    other = CallbackKeys(FIRST.token, FIRST.aes_key, "dinganother")
    with pytest.raises(CallbackRejected) as caught:
        opened(other, FIRST_BODY)
    assert caught.value.code == "dingtalk_callback_owner"


@pytest.mark.parametrize(
    ("timestamp", "now", "fresh"),
    [
        ("1614767836", 1614767836000 + 299_000, True),
        ("1614767836000", 1614767836000 - 299_000, True),
        ("1614767836000", 1614767836000 + 301_000, False),
        ("1614767836000", 1614767836000 - 301_000, False),
        ("soon", 1614767836000, False),
        ("²", 1614767836000, False),
        ("", 1614767836000, False),
    ],
)
def test_only_fresh_callbacks_are_opened(timestamp: str, now: int, fresh: bool) -> None:
    if fresh:
        assert opened(FIRST, FIRST_BODY, now=now, timestamp=timestamp) == "success"
        return
    with pytest.raises(CallbackRejected) as caught:
        opened(FIRST, FIRST_BODY, now=now, timestamp=timestamp)
    assert caught.value.code == "dingtalk_callback_stale"


@pytest.mark.parametrize("aes_key", ["", "short", "a" * 44, "!" * 43, "审" * 43])
def test_a_key_that_is_none_is_refused_at_once(aes_key: str) -> None:
    with pytest.raises(InvalidInput):
        CallbackKeys("t", aes_key, "o")


def test_keys_are_not_shown() -> None:
    assert FIRST.aes_key not in repr(FIRST)
    assert FIRST.token not in repr(FIRST)


def test_the_flat_event_of_a_callback_is_read_whatever_its_casing() -> None:
    plain = {
        "EventType": "bpms_instance_change",
        "EventTime": 1723624717000,
        "CorpId": "dingcorp",
        "eventId": "e-1",
        "processInstanceId": "inst-1",
        "processCode": "PROC-1",
        "type": "finish",
        "result": "AGREE",
    }
    event = event_of_callback(json.dumps(plain))
    assert (event.event_id, event.event_type, event.corp_id, event.born_at) == (
        "e-1",
        "bpms_instance_change",
        "dingcorp",
        1723624717000,
    )
    assert (event.process_instance_id, event.type, event.result) == ("inst-1", "finish", "agree")
    assert event_of_callback('{"corpId":"c"}').corp_id == "c"
    assert event_of_callback('{"EventType":"check_url"}').event_type == "check_url"


@pytest.mark.parametrize("data", ["[]", "nonsense", '{"type":{}}', "1"])
def test_unreadable_events_say_so(data: str) -> None:
    with pytest.raises(Unreadable):
        event_of_callback(data)
