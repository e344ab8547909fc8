"""Writes docs/reference/settings.md from the settings themselves.

Usage: python scripts/settings_page.py [--check]    --check: only compare; exit 1 when the page is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sluicegate.core.config import PREFIX, SECRETS, Config

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "settings.md"

HEAD = f"""\
# Settings

<!-- Written by `make docs` from src/sluicegate/core/config.py; change that, not this. -->

Every setting is an environment variable `{PREFIX}…`. All are checked when the service starts; a variable
with that beginning that is none of these stops the start, because it is most likely a typing error. A
secret can be given as a file instead: `{PREFIX}KEY_FILE` holds the path of a file with the value of
`{PREFIX}KEY`.

| variable | default | meaning |
|---|---|---|
"""

# Defaults that depend on the machine.
_DEFAULTS = {"data_dir": "`/var/lib/sluicegate` as root, otherwise `~/.local/share/sluicegate`"}


def page() -> str:
    rows = [_row(name, field) for name, field in Config.model_fields.items()]
    return HEAD + "\n".join(rows) + "\n"


def _row(name: str, field: FieldInfo) -> str:
    variables = [PREFIX + name.upper()]
    if name == "database_url":
        variables.insert(0, "DATABASE_URL")
    if name in SECRETS:
        variables.append(PREFIX + name.upper() + "_FILE")
    named = ", ".join(f"`{variable}`" for variable in variables)
    return f"| {named} | {_default(name, field)} | {field.description} |"


def _default(name: str, field: FieldInfo) -> str:
    if name in _DEFAULTS:
        return _DEFAULTS[name]
    if field.default in (None, "", (), PydanticUndefined):
        return ""
    return f"`{field.default}`"


def main() -> int:
    wanted = page()
    if "--check" in sys.argv[1:]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        sys.stderr.write(f"{PAGE.name} is out of date: run `make docs`\n")
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
