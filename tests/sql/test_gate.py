from __future__ import annotations

import pytest

from sluicegate.sql.gate import ScriptRefused, check


@pytest.mark.parametrize(
    "text", ["", "SELECT 1;\r\nSELECT 2;\n\t-- x", "\ufeffSELECT '中文'", "SELECT '👨‍👩‍👧'"]
)
def test_good_scripts_come_back_unchanged(text: str) -> None:
    assert check(text.encode()) == text


@pytest.mark.parametrize(
    "character",
    ["\0", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\u200e"],
)
def test_misleading_characters_are_refused_with_their_place(character: str) -> None:
    with pytest.raises(ScriptRefused) as refused:
        check(f"SELECT 1;\nDELETE FROM 表 {character} WHERE id = 1".encode())
    assert refused.value.code == "script_forbidden_character"
    assert refused.value.params == {"line": 2, "column": 15, "character": f"U+{ord(character):04X}"}


def test_a_carriage_return_needs_its_line_feed() -> None:
    with pytest.raises(ScriptRefused) as refused:
        check(b"DELETE FROM users -- note\rWHERE id = 1")
    assert refused.value.params["column"] == 26


def test_other_encodings_are_refused_at_their_first_byte() -> None:
    with pytest.raises(ScriptRefused) as refused:
        check(b"SELECT 1;\nSELECT '" + b"\xbf\x5c")
    assert (refused.value.code, refused.value.params) == ("script_not_utf8", {"line": 2, "column": 9})
