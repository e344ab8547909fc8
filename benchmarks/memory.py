"""How much memory a long script takes, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.report import Figure, consume
from benchmarks.scripts import mixed_chunks

TITLE: Final = "Memory"
_SIZES: Final = (10, 100)  # MB
_LIMIT: Final = 100  # MB over idle


def _block() -> str:
    return "".join(mixed_chunks(5_000))


def figures() -> Iterator[Figure]:
    for dialect in ("mysql", "postgresql", "sqlite"):
        idle = _peak(dialect, 0)
        for size in _SIZES:
            over = _peak(dialect, size) - idle
            yield Figure(
                f"{dialect}: a script of {size} MB",
                f"{over:.0f} MB over idle",
                goal=f"≤ {_LIMIT} MB",
                met=over <= _LIMIT,
            )


def _peak(dialect: str, size: int) -> float:
    done = subprocess.run(
        [sys.executable, "-m", __name__, dialect, str(size)], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def _measure(dialect: str, size: int) -> None:
    """Prints the process's highest use of memory in MB. Idle is with everything loaded and one small script."""
    from sluicegate.dialects import registry  # noqa: PLC0415 - in the measured process only
    from sluicegate.sql.model import AnalysisContext  # noqa: PLC0415

    block = _block()

    def chunks() -> Iterator[str]:
        for _ in range(max(1, size * 1_000_000 // len(block)) if size else 0):
            yield from (block[at : at + 65_536] for at in range(0, len(block), 65_536))

    found = registry.get(dialect)
    consume(found.analyse(block[:20_000], AnalysisContext()))
    consume(found.analyse_stream(chunks(), AnalysisContext()))
    sys.stdout.write(f"{_highest():.1f}")


def _highest() -> float:
    """MB. Not from getrusage, whose figure begins with that of the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    _measure(sys.argv[1], int(sys.argv[2]))
