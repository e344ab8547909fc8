"""Slices of a frozen script, read in windows: a script of 100 MB is never held whole."""

from __future__ import annotations

import hashlib
from typing import Final

from django.db import connection

from sluicegate.core.errors import Conflict
from sluicegate.executions.models import Script

WINDOW: Final = 1 << 20  # bytes


class Slices:
    """The bytes of one script. What is given is what was checked: each window's digest is kept from the check
    of the whole, and looked at again whenever the window is read."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._digests: list[bytes] = []
        self._held: tuple[int, bytes] = (-1, b"")

    def check(self) -> None:
        """Read the whole script once.

        Raises:
            Conflict: ``script_altered``: it isn't what its SHA-256 says.
        """
        whole = hashlib.sha256()
        digests = []
        for start in range(0, self._script.size, WINDOW):
            window = self._read(start)
            whole.update(window)
            digests.append(hashlib.sha256(window).digest())
        if whole.hexdigest() != self._script.sha256:
            raise Conflict("script_altered")
        self._digests = digests

    def get(self, start: int, end: int) -> bytes:
        """Bytes ``start`` to ``end``.

        Raises:
            Conflict: ``script_altered``.
        """
        if not self._digests:
            self.check()
        parts = []
        position = start
        while position < end:
            number = position // WINDOW
            offset = position - number * WINDOW
            part = self._window(number)[offset : offset + end - position]
            if not part:
                raise Conflict("script_altered")
            parts.append(part)
            position += len(part)
        return b"".join(parts)

    def _window(self, number: int) -> bytes:
        if self._held[0] != number:
            window = self._read(number * WINDOW)
            if number >= len(self._digests) or hashlib.sha256(window).digest() != self._digests[number]:
                raise Conflict("script_altered")
            self._held = (number, window)
        return self._held[1]

    def _read(self, start: int) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT substring(content FROM %s FOR %s) FROM executions_script WHERE id = %s",
                [start + 1, WINDOW, self._script.pk],
            )
            row = cursor.fetchone()
        if row is None:
            raise Conflict("script_altered")
        return bytes(row[0])
