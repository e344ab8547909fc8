"""A step of the demo that did not really happen."""

from __future__ import annotations

from sluicegate.cli.language import say


class StepFailed(Exception):
    """What was expected and what was found instead, as texts for people."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found


def require(code: str, expected: object, found: object, **params: object) -> None:
    """Go on only if both are equal.

    Args:
        code: catalogue entry that says what is claimed.

    Raises:
        StepFailed: they differ.
    """
    if expected != found:
        raise StepFailed(f"{say(code, **params)}\n{expected}", str(found))
