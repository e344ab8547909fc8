"""Named locks of sessions on a database file: SQLite has none, so they are lock files beside it.

A lock is an advisory lock of the operating system (flock) on a file that says who holds it. It ends with
the process, however that ends; a file left over is taken by the next one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path


class NamedLocks:
    """The locks of one session. ``database`` is the file's resolved path."""

    def __init__(self, database: Path, session_id: str) -> None:
        self._database = database
        self._session_id = session_id
        self._held: dict[Path, int] = {}

    def acquire(self, name: str) -> bool:
        """At once or not at all; a lock already held is held on."""
        path = self._path(name)
        if path in self._held:
            return True
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if not _lock(descriptor):
                os.close(descriptor)
                return False
            if _same_file(descriptor, path):
                break
            os.close(descriptor)  # its last holder removed it meanwhile: try the new one
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, self._session_id.encode(), 0)
        self._held[path] = descriptor
        return True

    def holder(self, name: str) -> str | None:
        return _holder(self._path(name))

    def alive(self, session_id: str) -> bool:
        """Whether any lock of this database is held by that session."""
        pattern = f"{self._database.name}.sluicegate-lock-*"
        return any(_holder(path) == session_id for path in self._database.parent.glob(pattern))

    def release_all(self) -> None:
        for path, descriptor in self._held.items():
            path.unlink(missing_ok=True)
            os.close(descriptor)
        self._held.clear()

    def _path(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode()).hexdigest()[:24]
        return self._database.with_name(f"{self._database.name}.sluicegate-lock-{digest}")


def _holder(path: Path) -> str | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if _lock(descriptor, shared=True):
            return None  # left over: nobody holds it
        return os.pread(descriptor, 200, 0).decode() or None
    finally:
        os.close(descriptor)


def _lock(descriptor: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
