"""Text for people: one catalogue, each entry in Chinese and in English.

The catalogue is the TOML files of ``core/catalogue``, one per topic, each entry
``[code]`` with ``zh`` and ``en`` and ``{placeholders}`` of the error's or message's parameters.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Literal

from sluicegate.core.errors import SluicegateError

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All entries by code. A code that two files define is a programming error."""
    entries: dict[str, dict[str, str]] = {}
    for file in sorted(files("sluicegate.core").joinpath("catalogue").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        for code, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in entries:
                raise ValueError(f"message {code!r} is defined twice")
            entries[code] = texts
    return entries


class _Lenient(Formatter):
    """Leaves a placeholder without a value standing, so that a message is never lost to a typo."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:  # noqa: ARG002
        return kwargs.get(str(key), "{" + str(key) + "}")


def text(code: str, language: Language, /, **params: object) -> str:
    """The entry's sentence in this language; the bare code when the catalogue lacks it."""
    entry = catalogue().get(code)
    if entry is None:
        return code
    return _Lenient().vformat(entry[language], (), params)


def describe(error: SluicegateError, language: Language) -> str:
    """The sentence for an error."""
    return text(error.code, language, **error.params)
