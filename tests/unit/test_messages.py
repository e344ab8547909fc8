"""Sentences from codes."""

from __future__ import annotations

import pytest

from sluicegate.core.errors import NotFound
from sluicegate.core.messages import LANGUAGES, Language, catalogue, describe, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_becomes_a_sentence(language: Language) -> None:
    sentence = describe(NotFound("ticket_missing", number="SG-77"), language)
    assert "SG-77" in sentence
    assert "{" not in sentence


def test_languages_differ() -> None:
    assert text("not_signed_in", "zh") != text("not_signed_in", "en")


def test_unknown_code_is_itself() -> None:
    assert text("no_such_code", "en") == "no_such_code"


def test_missing_value_leaves_the_placeholder() -> None:
    assert "{number}" in text("ticket_missing", "en")


def test_value_is_no_template() -> None:
    """What a person typed can't reach into other values."""
    assert "{0.__class__}" in text("ticket_missing", "en", number="{0.__class__}")


def test_every_entry_in_both_languages() -> None:
    for code, entry in catalogue().items():
        assert set(LANGUAGES) <= set(entry), code
