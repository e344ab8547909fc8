"""Policies and rules on the command line; those of rules need no service."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from sluicegate.sql import rules
from sluicegate.sql.rules.base import Rule
from tests.cli.service import Cli

SQL = b"UPDATE users SET score = 1;\nUPDATE users SET score = 2 WHERE id = 2"


@pytest.fixture
def alone(tmp_path: Path) -> Cli:
    """Nobody, and no service to be reached."""
    return Cli(tmp_path, "http://127.0.0.1:9")


def test_rules_are_found(alone: Cli) -> None:
    codes = [rule["code"] for rule in alone.json("rule", "list", "where", "--topic", "guards")]
    assert "NO_WHERE" in codes
    assert "没有 WHERE 条件" in alone.ok("rule", "list", "NO_WHERE", language="zh").out
    assert alone("rule", "list", "--topic", "nope").status == 1


def test_a_rule_in_words(alone: Cli) -> None:
    out = alone.ok("rule", "show", "dml001").out
    assert "NO_WHERE" in out
    assert "UPDATE orders SET total = 1" in out
    assert alone("rule", "show", "nope").status == 1


def test_a_rule_is_tried(alone: Cli) -> None:
    found = alone("rule", "try", "-", "--dialect", "mysql", "--rule", "NO_WHERE", "--json", stdin=SQL)
    assert found.status == 0
    assert [(row["line"], row["severity"]) for row in found.json] == [(1, "error")]
    blocked = alone(
        "rule", "try", "-", "--dialect", "mysql", "--rule", "NO_WHERE", "--level", "block", stdin=SQL
    )
    assert (blocked.status, "No WHERE" in blocked.out or "without WHERE" in blocked.out) == (1, True)
    assert alone("rule", "try", "-", "--dialect", "mysql", stdin=SQL).status == 2


def test_parameters_are_set(alone: Cli) -> None:
    rule = next(rule for rule in rules.RULES if any(type(p.default) is int for p in rule.parameters))
    parameter = next(p for p in rule.parameters if type(p.default) is int)
    words = ("rule", "try", "-", "--dialect", "mysql", "--rule", rule.code)
    assert alone(*words, "--set", f"{parameter.name}=7", stdin=b"SELECT 1").status == 0
    refused = alone(*words, "--set", f"{parameter.name}=many", stdin=b"SELECT 1")
    assert (refused.status, parameter.name in refused.err) == (1, True)
    assert alone(*words, "--set", "max", stdin=b"SELECT 1").status == 2


def test_policies_are_tried_and_reviewed_together(alone: Cli, tmp_path: Path) -> None:
    """Two files: the stricter one wins, in whatever order they are given."""
    mild, strict = tmp_path / "mild.yaml", tmp_path / "strict.yaml"
    mild.write_text("name: mild\nrules: {NO_WHERE: info}")
    strict.write_text("name: strict\nrules: {NO_WHERE: block}")
    for files in ((mild, strict), (strict, mild)):
        options = [word for file in files for word in ("--policy", file)]
        assert alone("rule", "try", "-", "--dialect", "mysql", *options, stdin=SQL).status == 1
        done = alone("review", "-", "--dialect", "mysql", "--format", "json", *options, stdin=SQL)
        [shown] = [json.loads(line) for line in done.out.splitlines()]
        assert (done.status, shown["summary"]["denied"]) == (1, 1)
    assert alone("review", "-", "--dialect", "mysql", "--policy", mild, stdin=SQL).status == 0


def test_the_beginning_of_a_rule(alone: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(next(iter(rules.__path__)), folder)
    said = alone.ok("rule", "new", "tables", "ab_first", "--directory", folder).out
    assert "AB_FIRST" in said
    spec = importlib.util.spec_from_file_location("ab_first", folder / "tables" / "ab_first.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rule = module.RULE
    assert isinstance(rule, Rule)
    assert not rule.enabled
    assert rule.title is not None and not rule.title.zh  # so that the tests of all rules fail for it
    assert not rule.fails
    table = importlib.util.spec_from_file_location("table", folder / "tables" / "__init__.py")
    assert table is not None and table.loader is not None
    names = importlib.util.module_from_spec(table)
    table.loader.exec_module(names)
    assert "ab_first" in names.NAMES
    assert alone("rule", "new", "tables", "ab_first", "--directory", folder).status == 1
    assert alone("rule", "new", "tables", "../x", "--directory", folder).status == 1


def test_a_policy_comes_and_goes(admin: Cli, dev: Cli, tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("name: cli policy\nenvironments: [test]\nrules: {LINT: error}\n")
    assert "revision 1" in admin.ok("policy", "import", file).out
    assert "cli policy" in admin.ok("policy", "list").out
    out = tmp_path / "out.yaml"
    admin.ok("policy", "export", "cli policy", "-o", out)
    assert out.read_text() == file.read_text().replace(
        "rules: {LINT: error}", "rules:\n  LINT: error"
    ).replace("environments: [test]", "environments:\n- test")
    assert admin.json("policy", "show", "cli policy")["document"]["rules"] == {"LINT": "error"}
    assert dev("policy", "import", file).status == 1
    assert admin("policy", "delete", "cli policy").status == 2  # nobody said yes
    admin.ok("policy", "delete", "cli policy", "--yes")
    assert admin("policy", "show", "cli policy").status == 1


def test_a_ticket_is_waived(admin: Cli, dev: Cli, boss: Cli, tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("name: waived\ndatasources: [shop]\nrules: {NO_WHERE: block}\n")
    admin.ok("policy", "import", file)
    try:
        made = dev(
            "ticket", "submit", "-t", "x", "--target", "shop", "--sql", SQL.decode(), "--wait", "--json"
        )
        assert made.status == 1
        number = made.json["number"]
        options = ("--statement", "1", "--rule", "no_where", "--reason", "every user")
        assert dev("ticket", "waive", number, *options).status == 1
        admin.ok("ticket", "waive", number, *options)
        shown = admin.ok("ticket", "statements", number).out
        assert "every user" in shown
    finally:
        admin.ok("policy", "delete", "waived", "--yes")
