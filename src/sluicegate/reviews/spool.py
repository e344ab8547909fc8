"""Rows on their way into the database, held on disk where they are many: a script may have a million statements."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self

IN_MEMORY: Final = 8 * 1024 * 1024  # bytes; what is larger goes to a file that has no name


class Spool:
    """Put all, then read all, in order. Values are what JSON can hold."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, values: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(values).encode("ascii") + b"\n")

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)
