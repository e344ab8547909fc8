"""HTTP event callbacks: checking the signature, opening and sealing the body. Pure.

https://open.dingtalk.com/document/orgapp/configure-event-subcription (and the official crypto samples): AES-256-CBC
with the first 16 key bytes as IV; the plaintext is 16 random bytes, the length as 4 big-endian bytes, the message
and the owner's key, padded after PKCS#7 to blocks of 32; the signature is SHA-1 over the sorted parts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sluicegate.core.errors import Forbidden, InvalidInput

_BLOCK = 32
_RANDOM = 16
_LENGTH = 4
_HEAD = _RANDOM + _LENGTH

FRESH_FOR = 300_000
"""Milliseconds that a callback's timestamp may lie from our clock, either way."""


class CallbackRejected(Forbidden):
    """A callback that is forged, garbled, meant for another app, or replayed."""


@dataclass(frozen=True)
class CallbackKeys:
    """As shown on the subscription page.

    Args:
        token: 签名 token.
        aes_key: 加密 aes_key, 43 letters and digits.
        owner_key: the app's AppKey (subscription in the developer console) or the corpId (older ones).

    Raises:
        InvalidInput: the aes_key is not one.
    """

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    owner_key: str

    def __post_init__(self) -> None:
        if len(self.key) != 32:
            raise InvalidInput("dingtalk_callback_aes_key")

    @property
    def key(self) -> bytes:
        try:
            return base64.b64decode(self.aes_key + "=", validate=True)
        except ValueError as error:
            raise InvalidInput("dingtalk_callback_aes_key") from error


@dataclass(frozen=True)
class SealedReply:
    """What to answer, as JSON."""

    msg_signature: str
    timestamp: str
    nonce: str
    encrypt: str

    def payload(self) -> dict[str, str]:
        return {
            "msg_signature": self.msg_signature,
            "timeStamp": self.timestamp,
            "nonce": self.nonce,
            "encrypt": self.encrypt,
        }


def signature(keys: CallbackKeys, timestamp: str, nonce: str, encrypt: str) -> str:
    parts = "".join(sorted([keys.token, timestamp, nonce, encrypt]))
    return hashlib.sha1(parts.encode(errors="replace"), usedforsecurity=False).hexdigest()


def open_callback(
    keys: CallbackKeys,
    *,
    signature_given: str,
    timestamp: str,
    nonce: str,
    encrypt: str,
    now: int | None = None,
) -> str:
    """The plaintext of a callback whose signature and owner are right.

    Args:
        signature_given: the query's ``msg_signature``, or ``signature`` where that is absent.
        encrypt: the body's ``encrypt``.
        now: milliseconds since 1970; with it, a timestamp more than five minutes off is refused.

    Raises:
        CallbackRejected
    """
    expected = signature(keys, timestamp, nonce, encrypt)
    if not hmac.compare_digest(expected.encode(), signature_given.encode(errors="replace")):
        raise CallbackRejected("dingtalk_callback_signature")
    if now is not None and not _fresh(timestamp, now):
        raise CallbackRejected("dingtalk_callback_stale")
    return decrypt(keys, encrypt)


def _fresh(timestamp: str, now: int) -> bool:
    if not (timestamp.isascii() and timestamp.isdecimal()):
        return False
    # One official sample counts seconds, the others milliseconds.
    given = int(timestamp) * (1000 if len(timestamp) <= 10 else 1)
    return abs(now - given) <= FRESH_FOR


def decrypt(keys: CallbackKeys, encrypt: str) -> str:
    """Raises CallbackRejected. Check the signature first: padding errors are not told apart for that reason."""
    try:
        sealed = base64.b64decode(encrypt, validate=True)
        opener = _cipher(keys).decryptor()
        padded = opener.update(sealed) + opener.finalize()
        message, owner = _split(padded)
        opened = message.decode()
    except ValueError as error:
        raise CallbackRejected("dingtalk_callback_unreadable") from error
    if not hmac.compare_digest(owner, keys.owner_key.encode()):
        raise CallbackRejected("dingtalk_callback_owner")
    return opened


def _split(padded: bytes) -> tuple[bytes, bytes]:
    pad = padded[-1] if padded else 0
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise ValueError("padding")
    plain = padded[:-pad]
    length = int.from_bytes(plain[_RANDOM:_HEAD], "big")
    if len(plain) < _HEAD or length > len(plain) - _HEAD:
        raise ValueError("length")
    return plain[_HEAD : _HEAD + length], plain[_HEAD + length :]


def encrypt_message(keys: CallbackKeys, message: str, *, random: Callable[[int], bytes] = os.urandom) -> str:
    content = message.encode()
    plain = random(_RANDOM) + len(content).to_bytes(_LENGTH, "big") + content + keys.owner_key.encode()
    pad = _BLOCK - len(plain) % _BLOCK
    sealer = _cipher(keys).encryptor()
    return base64.b64encode(sealer.update(plain + bytes([pad]) * pad) + sealer.finalize()).decode()


def seal_reply(
    keys: CallbackKeys,
    *,
    timestamp: str,
    nonce: str,
    message: str = "success",
    random: Callable[[int], bytes] = os.urandom,
) -> SealedReply:
    """The answer that tells DingTalk the event has arrived; also the answer to ``check_url``."""
    sealed = encrypt_message(keys, message, random=random)
    return SealedReply(signature(keys, timestamp, nonce, sealed), timestamp, nonce, sealed)


def _cipher(keys: CallbackKeys) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES256(keys.key), modes.CBC(keys.key[:16]))
