"""TLS material as the drivers want it, from PEM texts that never lie on disk longer than a connect."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluicegate.dialects.base import ConnectionFailed, TlsMode, TlsOptions


def context(options: TlsOptions) -> ssl.SSLContext | None:
    """For drivers that take Python's context; None means: plain text.

    Raises:
        ConnectionFailed: ``target_tls_failed``: a PEM text that can't be read.
    """
    if options.mode is TlsMode.DISABLE:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.check_hostname = options.mode is TlsMode.VERIFY_FULL
    try:
        if options.mode is TlsMode.REQUIRE:
            made.verify_mode = ssl.CERT_NONE
        elif options.ca:
            made.load_verify_locations(cadata=options.ca)
        else:
            made.load_default_certs()
        if options.certificate:
            with files(options) as paths:
                made.load_cert_chain(paths["certificate"], paths.get("key"))
    except (ssl.SSLError, ValueError) as error:
        raise ConnectionFailed("target_tls_failed", host="-", port=0, detail=str(error)) from error
    return made


@contextmanager
def files(options: TlsOptions) -> Iterator[dict[str, str]]:
    """The PEM texts as files, for libraries that read only files; removed at the block's end.

    The directory is the process's own (0700), the files are 0600.
    """
    with tempfile.TemporaryDirectory(prefix="sluicegate-tls-") as directory:
        paths: dict[str, str] = {}
        for name in ("ca", "certificate", "key"):
            text: str = getattr(options, name)
            if text:
                path = Path(directory) / name
                path.touch(mode=0o600)
                path.write_text(text, encoding="utf-8")
                paths[name] = str(path)
        yield paths
