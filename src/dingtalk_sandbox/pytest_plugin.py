"""The pytest plugin: a test that asks for ``dingtalk_sandbox`` gets a local DingTalk of its own.

pytest loads this module in every run wherever the package is installed, so the server is imported only by
the first test that wants one.
"""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dingtalk_sandbox.server import SandboxServer

MARKER = "dingtalk_sandbox"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(speed=None, seed=None): what divides the fixture's waiting times, and the file, relative to "
        "the test's own, that its company comes from",
    )


@pytest.fixture
def dingtalk_sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxServer]:
    """A local DingTalk on a free port of 127.0.0.1, made for this test and stopped after it."""
    from dingtalk_sandbox.server import SandboxServer  # noqa: PLC0415  see above

    speed, seed = None, None
    marker = request.node.get_closest_marker(MARKER)
    if marker is not None:
        speed, seed = _marked(*marker.args, **marker.kwargs)
    path = None if seed is None else request.path.parent / seed
    with SandboxServer(speed=speed, seed=path) as sandbox:
        yield sandbox


def _marked(
    speed: float | None = None, seed: str | PathLike[str] | None = None
) -> tuple[float | None, str | PathLike[str] | None]:
    """What the marker says; TypeError for what it doesn't know."""
    return speed, seed
