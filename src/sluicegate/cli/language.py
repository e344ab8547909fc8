"""The language in which the command line speaks."""

from __future__ import annotations

import os

from sluicegate.core.messages import Language, text

_VARIABLES = ("SLUICEGATE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class _Choice:
    """What `--language` said."""

    given: Language | None = None


def use(language: Language) -> None:
    _Choice.given = language


def language() -> Language:
    """What `--language` said, or else the environment: Chinese for zh…, English for all others."""
    if _Choice.given is not None:
        return _Choice.given
    spoken = next((value for name in _VARIABLES if (value := os.environ.get(name))), "")
    return "zh" if spoken.lower().startswith("zh") else "en"


def say(code: str, /, **params: object) -> str:
    """The catalogue's text in that language."""
    return text(code, language(), **params)
