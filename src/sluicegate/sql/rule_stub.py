"""The beginning of a rule: its file, and its line in the topic's table. Until somebody writes its texts and
cases, the tests of all rules fail for it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sluicegate.core.errors import Conflict, InvalidInput
from sluicegate.sql import rules
from sluicegate.sql.rules import RULES, TOPICS

PREFIXES: Final = {
    "naming": "NAM",
    "tables": "TAB",
    "columns": "COL",
    "indexes": "IDX",
    "locks": "PGL",
    "queries": "QRY",
    "changes": "CHG",
    "schema": "SCH",
    "plans": "PLN",
    "objects": "OBJ",
    "guards": "SQL",
}
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_STUB: Final = '''"""{code}: one line that says what it looks for."""

from __future__ import annotations

from collections.abc import Iterator

from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import STRUCTURED, Options, Rule, Subject, Text


def check(subject: Subject, _options: Options) -> Iterator[Note]:
    """Yield a Note for each case; nothing where ``subject.structure`` doesn't say."""
    if subject.structure is not None:
        yield from ()


RULE = Rule(
    id="{id}",
    code="{code}",
    severity=Severity.INFO,
    check=check,
    families=STRUCTURED,
    enabled=False,
    title=Text(zh="", en=""),
    message=Text(zh="", en=""),
    why=Text(zh="", en=""),
    fails=(),
    passes=(),
)
'''


@dataclass(frozen=True, slots=True)
class Stub:
    file: Path
    code: str
    id: str


def write(topic: str, name: str, directory: Path | None = None) -> Stub:
    """Make ``<topic>/<name>.py`` and its line in ``<topic>/__init__.py``.

    Args:
        directory: the folder of the topics; the product's own when None.

    Raises:
        InvalidInput: ``rule_topic_unknown``, ``rule_name_invalid``.
        Conflict: ``rule_exists``.
    """
    if topic not in TOPICS:
        raise InvalidInput("rule_topic_unknown", topic=topic[:40], known=", ".join(TOPICS))
    if not _NAME.fullmatch(name):
        raise InvalidInput("rule_name_invalid", name=name[:40])
    folder = (directory or Path(next(iter(rules.__path__)))) / topic
    file, table, code = folder / f"{name}.py", folder / "__init__.py", name.upper()
    if file.exists() or any(rule.code == code for rule in RULES):
        raise Conflict("rule_exists", name=name)
    stub = Stub(file, code, _free_id(PREFIXES[topic]))
    try:
        content = _with_name(table.read_text("utf-8"), name)
        file.write_text(_STUB.format(code=code, id=stub.id), "utf-8")
        table.write_text(content, "utf-8")
    except OSError as error:
        raise InvalidInput("rule_folder_unwritable", folder=str(folder), problem=str(error)) from error
    return stub


def _free_id(prefix: str) -> str:
    used = [int(rule.id[3:]) for rule in RULES if re.fullmatch(rf"{prefix}\d+", rule.id)]
    return f"{prefix}{max(used, default=0) + 1:03}"


def _with_name(source: str, name: str) -> str:
    """The table with one more name, in order."""
    node = next(item for item in ast.parse(source).body if _is_table(item))
    assert isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(node.value, ast.Tuple)
    names = sorted({name, *(str(ast.literal_eval(item)) for item in node.value.elts)})
    lines = source.splitlines(keepends=True)
    written = ["NAMES: Final[tuple[str, ...]] = (\n", *(f'    "{item}",\n' for item in names), ")\n"]
    return "".join([*lines[: node.lineno - 1], *written, *lines[node.end_lineno :]])


def _is_table(node: ast.stmt) -> bool:
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.target.id == "NAMES"
    named = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "NAMES" for target in named)
