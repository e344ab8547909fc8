"""A child that ends when the process that started it is gone."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys

# Holds the pid of the process that must be our parent. Not a setting, hence not called SLUICEGATE_….
PARENT_VARIABLE = "_SLUICEGATE_PARENT"

_PR_SET_PDEATHSIG = 1


def die_with(parent: int, by: signal.Signals = signal.SIGTERM) -> None:
    """Be sent ``by`` when ``parent`` dies, however it dies; exit at once if it is dead already.

    Only Linux can do this (prctl(2), PR_SET_PDEATHSIG); elsewhere it does nothing. The setting belongs to
    the thread that started us, so a parent must start its children from a thread that lives as long as itself.
    """
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, by, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # died before the call above took effect
        raise SystemExit(1)


def die_with_forker(by: signal.Signals) -> None:
    """``die_with`` the process that made this one by ``multiprocessing``, which remembers it even when it is dead."""
    forker = multiprocessing.parent_process()
    if forker is None or forker.pid is None:
        raise RuntimeError("this process was not made by multiprocessing")
    die_with(forker.pid, by)


def die_with_supervisor() -> None:
    """``die_with`` the supervisor, for a process that was started by one."""
    parent = os.environ.pop(PARENT_VARIABLE, None)
    if parent is not None:
        die_with(int(parent))
