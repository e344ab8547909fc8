"""Self-signed certificates for TLS tests, made on the spot: one that holds and one that has expired."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM texts; the certificate is its own authority."""

    certificate: str
    key: str

    def write(self, directory: Path, uid: int | None = None) -> None:
        """As server.crt and server.key (0600: PostgreSQL insists), owned by ``uid``."""
        for name, text in (("server.crt", self.certificate), ("server.key", self.key)):
            path = directory / name
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            path.write_text(text)
            if uid is not None:
                os.chown(path, uid, uid)


def make(*, host: str = "127.0.0.1", expired: bool = False) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    begin, end = (
        (now - timedelta(days=20), now - timedelta(days=10))
        if expired
        else (
            now - timedelta(days=1),
            now + timedelta(days=30),
        )
    )
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
    )
