"""The data directory: one running service at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluicegate.core.errors import ConfigurationError, Conflict


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the data directory, making it if need be. The kernel lets go of it when the process dies.

    Raises:
        Conflict: ``data_dir_in_use`` naming the process that holds it.
        ConfigurationError: ``data_dir_unusable``.
    """
    try:
        _make(data_dir)
        # Close-on-exec as all of Python's: a child that outlives us must not keep the lock.
        descriptor = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(
            "data_dir_unusable", path=str(data_dir), problem=error.strerror or str(error)
        ) from error
    try:
        _take(descriptor, data_dir)
        yield
    finally:
        os.close(descriptor)


def _make(data_dir: Path) -> None:
    root = os.geteuid() == 0
    # As root PostgreSQL runs under another account, which must get through to its own directory. What is
    # secret in here has its own mode.
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if root else 0o700)
    status = data_dir.stat()
    if root and status.st_uid == 0 and not status.st_mode & 0o001:
        data_dir.chmod(status.st_mode & 0o7777 | 0o011)


def _take(descriptor: int, data_dir: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        raise Conflict("data_dir_in_use", path=str(data_dir), pid=holder or "?") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
