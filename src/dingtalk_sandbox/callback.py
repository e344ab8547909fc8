"""Events over HTTP: sealed, signed, and confirmed by a sealed ``success`` (section 4.2)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import string
import struct
import time
from collections.abc import Mapping

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from dingtalk_sandbox.events import Delivery
from dingtalk_sandbox.model import App, CallbackConfig
from dingtalk_sandbox.wire import JsonObject

BLOCK = 32
TIMEOUT_SECONDS = 2.5


class BadSeal(Exception):
    """A reply that was not sealed with the app's keys."""


def _key(config: CallbackConfig) -> bytes:
    return base64.b64decode(config.aes_key + "=")


def _cipher(config: CallbackConfig) -> Cipher[modes.CBC]:
    key = _key(config)
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def seal(config: CallbackConfig, owner: str, message: str) -> str:
    """base64(AES-256-CBC(16 random bytes + length + message + owner)), padded to 32 bytes."""
    text = message.encode()
    plain = os.urandom(16) + struct.pack(">I", len(text)) + text + owner.encode()
    pad = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(config).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def unseal(config: CallbackConfig, owner: str, sealed: str) -> str:
    """The message. Raises BadSeal when it was sealed otherwise or for somebody else."""
    try:
        decryptor = _cipher(config).decryptor()
        plain = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
    except ValueError as error:
        raise BadSeal("undecipherable") from error
    if not plain or not 1 <= plain[-1] <= BLOCK or len(plain) < 20 + plain[-1]:
        raise BadSeal("padding")
    plain = plain[: -plain[-1]]
    (length,) = struct.unpack(">I", plain[16:20])
    if plain[20 + length :].decode("utf-8", "replace") != owner:
        raise BadSeal("owner")
    return plain[20 : 20 + length].decode("utf-8", "replace")


def sign(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    joined = "".join(sorted((token, timestamp, nonce, sealed)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def _confirms(config: CallbackConfig, owner: str, reply: Mapping[str, object]) -> bool:
    sealed, nonce = str(reply.get("encrypt", "")), str(reply.get("nonce", ""))
    timestamp = str(reply.get("timeStamp", ""))
    if reply.get("msg_signature") != sign(config.token, timestamp, nonce, sealed):
        return False
    try:
        return unseal(config, owner, sealed) == "success"
    except BadSeal:
        return False


async def _post(config: CallbackConfig, owner: str, payload: JsonObject) -> bool:
    """The timestamp is the real time, however fast the sandbox's clock runs: the receiver compares it with its own."""
    now = int(time.time() * 1000)
    sealed = seal(config, owner, json.dumps(payload, ensure_ascii=False))
    nonce = "".join(secrets.choice(string.ascii_letters) for _ in range(8))
    signature = sign(config.token, str(now), nonce, sealed)
    query = {
        "signature": signature,
        "msg_signature": signature,
        "timestamp": str(now),
        "nonce": nonce,
    }
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            response = await client.post(config.url, params=query, json={"encrypt": sealed})
        reply = response.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
    return response.status_code == 200 and isinstance(reply, dict) and _confirms(config, owner, reply)


async def verify_url(config: CallbackConfig, owner: str) -> bool:
    """Whether the address answers ``check_url``. Raises ValueError for keys of the wrong shape."""
    if not 3 <= len(config.token) <= 32 or not config.token.isalnum():
        raise ValueError("token: 3 to 32 letters and digits")
    if len(config.aes_key) != 43 or not config.aes_key.isalnum():
        raise ValueError("aes_key: 43 letters and digits")
    return await _post(config, owner, {"EventType": "check_url"})


class CallbackChannel:
    """Sends events to the address of the app they are for."""

    def warn(self, app: App, notice: JsonObject) -> None:
        """Nothing is told over HTTP [?]: only Stream's pages speak of it."""

    async def send(self, delivery: Delivery) -> bool:
        config = delivery.app.callback
        if config is None:
            return False
        payload: JsonObject = {
            "EventType": delivery.event_type,
            "EventTime": delivery.born,
            "CorpId": delivery.app.corp_id,
            "BizId": str(delivery.body["processInstanceId"]),
            **delivery.body,
        }
        return await _post(config, delivery.app.app_key, payload)
