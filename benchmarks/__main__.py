"""Runs the benchmarks and prints their tables: `python -m benchmarks [MODULE…]`.

A missed goal is shown, not an error: other work on the machine makes figures worse. Writes no file.
"""

from __future__ import annotations

import os
import platform
import sys
from importlib import import_module
from typing import Final

from benchmarks.report import Figure, show, table

MODULES: Final = ("analysis", "memory", "adversarial")  # one file each: TITLE and figures()


def main(names: list[str]) -> None:
    unknown = sorted(set(names) - set(MODULES))
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(MODULES)}")
    show([f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", ""])
    found: list[Figure] = []
    for name in names or MODULES:
        module = import_module(f"benchmarks.{name}")
        figures = list(module.figures())
        found += figures
        show(table(module.TITLE, figures))
    missed = sum(figure.met is False for figure in found)
    show([f"{missed} goals missed of {sum(figure.met is not None for figure in found)}."])
    if missed:
        show(["On a machine that does other work too, run it again before believing a miss."])


if __name__ == "__main__":
    main(sys.argv[1:])
