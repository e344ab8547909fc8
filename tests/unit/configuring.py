"""A configuration for the length of a test, whatever the process was configured with before."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from sluicegate.core import crypto
from sluicegate.core.config import config

_CACHES = (config, crypto.master_key, crypto.derive)


def new_key() -> str:
    return base64.b64encode(os.urandom(crypto.KEY_BYTES)).decode()


@contextmanager
def configured(values: Mapping[str, str]) -> Iterator[None]:
    """Configuration from these variables and no others of ours."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SLUICEGATE_")]:
            patch.delenv(name)
        patch.delenv("DATABASE_URL", raising=False)
        for name, value in values.items():
            patch.setenv(name, value)
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    for cached in _CACHES:
        cached.cache_clear()
