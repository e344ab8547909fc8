"""Writes what the code alone knows: the pages of errors, permissions, rules and expressions, and the policy that
carries CloudDM's rules over.

Usage: python scripts/reference_pages.py [--check]    --check: only compare; exit 1 when a page is out of date
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import rule_pages

from sluicegate.accounts.permissions import BUILTIN_ROLES, Action, Permission
from sluicegate.core.errors import SluicegateError
from sluicegate.core.messages import catalogue, text
from sluicegate.sql.rules import TOPICS as TOPICS_OF_RULES

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "sluicegate"

# Topics of the catalogue that a reader of the API meets, in the order of the page.
TOPICS = {
    "web": "Requests",
    "access": "People, grants, data sources, settings",
    "errors": "Tickets, approvals, executions",
    "sql": "Analysis of SQL",
    "policies": "Policies and waivers",
    "dialects": "Targets",
    "dingtalk": "DingTalk",
    "notifications": "Messages to people",
    "core": "Settings and keys",
    "service": "Processes",
}
ERROR_MODULES = ("core.errors", "dialects.base", "sql.gate", "dingtalk.errors")

ERRORS_HEAD = """\
# Error codes

<!-- Written by `make docs` from src/sluicegate/core/catalogue and the code; change those, not this. -->

An error of the API is `application/problem+json` with a stable `code`, its `params`, and `detail`, the sentence
below in the reader's language. **Status** is the HTTP status of the answer; a code without one is a reason that
a ticket, an execution or a statement shows. **Retry** marks errors after which the same request may succeed
later. A sentence's `{…}` are the names of its `params`.
"""

PERMISSIONS_HEAD = """\
# Permissions

<!-- Written by `make docs` from src/sluicegate/accounts/permissions.py; change that, not this. -->

Two things decide what a person may do, and both are needed where a data source is involved: a **permission** of
one of their roles says what they may do in Sluicegate, an **access grant** (授权) says on which data sources,
databases, schemas and tables, and until when.

## Permissions and the roles that have them

Roles of one's own hold any of these. The built-in roles can't be changed.

"""

ACTIONS_HEAD = """
## Actions of an access grant

A grant gives a person or a group some of these actions on one data source, on all of an environment, or
everywhere, narrowed by patterns (`*`, `?`) for database, schema and table. Any grant on a data source lets its
holder see it. An approved access request (权限申请) becomes such grants; people with the permission
`grant.manage` give them directly.

"""


def statuses() -> dict[str, tuple[int, bool]]:
    """Code -> HTTP status and whether retrying helps, where the code is raised by its own name."""
    kinds = {}
    for module in ERROR_MODULES:
        for name, value in vars(import_module(f"sluicegate.{module}")).items():
            if isinstance(value, type) and issubclass(value, SluicegateError):
                kinds[name] = value
    found: dict[str, tuple[int, bool]] = {}
    for kind in kinds.values():
        default = getattr(kind, "default_code", "")
        if default:
            found[default] = (kind.status, kind.retryable)
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                kind = kinds[node.func.id]
                for code in _codes(node):
                    found.setdefault(code, (kind.status, kind.retryable))
    # Answers that web makes without an error class.
    return found | {
        "request_invalid": (422, False),
        "path_missing": (404, False),
        "internal_error": (500, False),
    }


def _codes(call: ast.Call) -> Iterator[str]:
    if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
        yield call.args[0].value


def errors_page() -> str:
    known = statuses()
    parts = [ERRORS_HEAD]
    for topic, heading in TOPICS.items():
        file = SOURCE / "core" / "catalogue" / f"{topic}.toml"
        codes = [code for code in tomllib.loads(file.read_text(encoding="utf-8")) if _is_reason(code)]
        parts.append(f"\n## {heading}\n\n| code | status | retry | 中文 | English |\n|---|---|---|---|---|\n")
        parts += [_error_row(code, *known.get(code, (None, False))) for code in sorted(codes)]
    return "".join(parts)


def _is_reason(code: str) -> bool:
    """Headings and lines of other pages stand in the same files."""
    elsewhere = (
        "permission_",
        "notice_",
        "result_",
        "doctor_",
        "summary_",
        "verdict_",
        "front_page",
        "help_",
        "column_",
        "event_",
        "ask_",
    )
    return not code.startswith(elsewhere) or code in (
        "permission_missing",
        "permission_unknown",
    )


def _error_row(code: str, status: int | None, retryable: bool) -> str:
    zh, en = (_cell(catalogue()[code][language]) for language in ("zh", "en"))
    return f"| `{code}` | {status or ''} | {'yes' if retryable else ''} | {zh} | {en} |\n"


def _cell(sentence: str) -> str:
    return " ".join(sentence.split()).replace("|", "\\|")


def permissions_page() -> str:
    names = " | ".join(" ".join(dict.fromkeys((en, zh))) for zh, en, _ in BUILTIN_ROLES.values())
    parts = [PERMISSIONS_HEAD, f"| permission | 中文 | English | {names} |\n"]
    parts.append("|---|---|---|" + "---|" * len(BUILTIN_ROLES) + "\n")
    for permission in Permission:
        held = " | ".join("✓" if permission in held else "" for _, _, held in BUILTIN_ROLES.values())
        parts.append(f"| {_named(permission, 'permission')} | {held} |\n")
    parts += [ACTIONS_HEAD, "| action | 中文 | English |\n|---|---|---|\n"]
    parts += [f"| {_named(action, 'action')} |\n" for action in Action]
    return "".join(parts)


def _named(value: Permission | Action, family: str) -> str:
    code = f"{family}_{value.value.replace('.', '_')}"
    return f"`{value.value}` | {text(code, 'zh')} | {text(code, 'en')}"


# Where, from the root -> what.
PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/errors.md": errors_page,
    "docs/reference/permissions.md": permissions_page,
    "docs/reference/expressions.md": rule_pages.expressions_page,
    "docs/reference/rules.md": rule_pages.index_page,
    **{
        f"docs/reference/rules/{topic}.md": partial(rule_pages.topic_page, topic) for topic in TOPICS_OF_RULES
    },
    "src/sluicegate/sql/presets/clouddm.yaml": rule_pages.clouddm_policy,
}


def main() -> int:
    outdated = 0
    for name, make in PAGES.items():
        page, wanted = ROOT / name, make()
        if "--check" not in sys.argv[1:]:
            page.parent.mkdir(exist_ok=True)
            page.write_text(wanted, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != wanted:
            sys.stderr.write(f"{name} is out of date: run `make docs`\n")
            outdated = 1
    return outdated


if __name__ == "__main__":
    sys.exit(main())
