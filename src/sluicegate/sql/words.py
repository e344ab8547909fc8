"""Lists of words, written as text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of the text, which blanks and line ends part."""
    return frozenset(text.split())
