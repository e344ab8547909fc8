"""The documents: links lead somewhere, nothing of one machine is named, and what they say of the code is so."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluicegate.core.messages import catalogue
from sluicegate.dialects import registry
from sluicegate.dingtalk.contracts import MULTI_LINE, FormContract
from sluicegate.dingtalk.form_presets import PRESETS
from sluicegate.sql.model import TicketKind
from sluicegate.tickets.states import State

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]

FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*?) *$", re.MULTILINE)

# Package indexes are configured on the machine, and paths of one machine are nobody else's.
# A letter of each host stands in brackets, so that no host of an index stands in this file either.
FOREIGN = re.compile(
    r"\b(?:py[p]i\.org|python[h]osted\.org|npm[j]s\.(?:org|com)|crates[.]io)\b"
    r"|(?<![\w.])/(?:work|root|tmp|home)/"
)


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text("utf-8"))


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for target in LINK.findall(prose(page)):
            if not target.startswith(("http://", "https://", "mailto:")):
                yield page, target


def anchors(page: Path) -> set[str]:
    """The headings' anchors as GitHub makes them."""
    found = set()
    for heading in HEADING.findall(prose(page)):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        kept = (c for c in plain if c in " -_" or unicodedata.category(c)[0] in "LN")
        found.add("".join(kept).replace(" ", "-"))
    return found


def test_links_resolve() -> None:
    broken = []
    for page, target in links():
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        inside = file.is_relative_to(ROOT) and file.exists()
        if not inside or (fragment and fragment not in anchors(file)):
            broken.append((page.relative_to(ROOT).as_posix(), target))
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_nothing_of_one_machine(page: Path) -> None:
    assert FOREIGN.findall(page.read_text("utf-8")) == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    followed: dict[Path, set[Path]] = {}
    for page, target in links():
        file = (page.parent / target.partition("#")[0]).resolve()
        followed.setdefault(page, set()).update(file.glob("*.md") if file.is_dir() else {file})
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting.extend(followed.get(page, ()))
    assert sorted(set(PAGES) - reached) == []


def table_rows(name: str) -> list[list[str]]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


@pytest.mark.parametrize("code", registry.codes())
def test_readme_says_what_each_dialect_was_tested_against(code: str) -> None:
    dialect = registry.get(code)
    rows = [row for row in table_rows("README.md") if len(row) == 3 and row[1] == f"`{code}`"]
    assert [row[0] for row in rows] == [dialect.label]
    tested = dialect.features.tested_against
    assert rows[0][2] == tested if tested else rows[0][2].startswith("not yet run on a real server")


def control_rows(contract: FormContract) -> list[tuple[str, str]]:
    kinds = {True: "多行输入框", False: "单行输入框"}
    return [(kinds[control.types[0] == MULTI_LINE], control.title) for control in contract.controls]


def test_the_forms_are_described_control_by_control() -> None:
    rows = table_rows("docs/how-to/connect-dingtalk.md")
    described = [(row[0], row[1]) for row in rows if row[0] in ("多行输入框", "单行输入框")]
    classic = PRESETS["clouddm-classic"]
    assert described == [*control_rows(classic["data_change"]), *control_rows(classic["access_request"])]


def test_refusals_that_are_explained_exist() -> None:
    rows = table_rows("docs/how-to/connect-dingtalk.md")
    named = {code for row in rows for code in re.findall(r"`((?:dingtalk|approval)_[a-z_]+)(?:…)?`", row[0])}
    assert len(named) > 10
    missing = {code for code in named if not any(entry.startswith(code) for entry in catalogue())}
    assert missing == set()


def test_all_states_and_kinds_are_described() -> None:
    described = {row[0]: row[1] for row in table_rows("docs/reference/tickets.md") if len(row) > 1}
    for state in State:
        assert described[f"`{state.value}`"] == catalogue()[f"state_{state.value}"]["zh"]
    for kind in TicketKind:
        assert described[f"`{kind.value}`"] == catalogue()[f"kind_{kind.value}"]["zh"]


@pytest.mark.parametrize("script", ["settings_page.py", "reference_pages.py"])
def test_generated_pages_are_current(script: str) -> None:
    command = [sys.executable, str(ROOT / "scripts" / script), "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
