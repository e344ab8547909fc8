"""Sealing of secrets (AES-256-GCM) and the keys derived from the one master key."""

from __future__ import annotations

import base64
import hmac
import os
import tempfile
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sluicegate.core.config import config
from sluicegate.core.errors import ConfigurationError

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"


def ensure_key_file(path: Path) -> None:
    """Make the key file, mode 0600, unless it is there. Two processes that race make one key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A name of its own, not one made of the pid: containers that share a volume often have the same.
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600
    temporary = Path(name)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # fails when it exists, never overwrites
    except FileExistsError:
        return
    finally:
        temporary.unlink()


def read_key(encoded: str, source: str) -> bytes:
    """Decode a master key.

    Raises:
        ConfigurationError: ``sealing_key_invalid``.
    """
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except ValueError as error:
        raise ConfigurationError("sealing_key_invalid", source=source) from error
    if len(key) != KEY_BYTES:
        raise ConfigurationError("sealing_key_invalid", source=source)
    return key


@cache
def master_key() -> bytes:
    """The master key of this installation.

    Raises:
        ConfigurationError: ``sealing_key_missing``: it is not in the environment and the key file isn't
            there. Only the first run makes one, so that a lost file is noticed rather than replaced.
    """
    given = config().key
    if given is not None:
        return read_key(given.get_secret_value(), "SLUICEGATE_KEY")
    path = config().data_dir / "sealing.key"
    try:
        encoded = path.read_text(encoding="ascii")
    except OSError as error:
        raise ConfigurationError("sealing_key_missing", path=str(path)) from error
    return read_key(encoded, str(path))


@cache
def derive(purpose: str) -> bytes:
    """A 32-byte key for one purpose, so that no key serves two."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(
        master_key()
    )


def seal(secret: str | bytes, context: str) -> bytes:
    """Encrypt; ``context`` (which object's which field) must be given again to open it."""
    plain = secret.encode() if isinstance(secret, str) else secret
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(derive("seal")).encrypt(nonce, plain, context.encode())


def unseal_bytes(sealed: bytes | memoryview, context: str) -> bytes:
    """Open what ``seal`` made.

    Raises:
        ConfigurationError: ``sealing_key_wrong``: sealed with another key, for another object, or altered.
    """
    data = bytes(sealed)
    try:
        if data[:1] != _VERSION or len(data) <= 1 + _NONCE_BYTES:
            raise InvalidTag
        return AESGCM(derive("seal")).decrypt(
            data[1 : 1 + _NONCE_BYTES], data[1 + _NONCE_BYTES :], context.encode()
        )
    except InvalidTag as error:
        raise ConfigurationError("sealing_key_wrong", context=context) from error


def unseal(sealed: bytes | memoryview, context: str) -> str:
    return unseal_bytes(sealed, context).decode()


def sign(message: bytes, purpose: str) -> str:
    """HMAC-SHA-256 in hexadecimal under the key derived for ``purpose``."""
    return hmac.digest(derive(purpose), message, "sha256").hex()
