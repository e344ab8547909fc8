"""Policies: what they say, how several come together, and rules of other packages."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.core.errors import InvalidInput, NotFound
from sluicegate.sql import presets, reference, rules
from sluicegate.sql.model import AnalysisContext, Finding, Severity, TicketKind
from sluicegate.sql.policy import Policy, combined, expected, parse
from sluicegate.sql.rules import RULES
from sluicegate.sql.rules.base import Parameter, Rule, Value
from tests.sql.corpora import analyse

NO_WHERE = "UPDATE orders SET a = 1"
OTHER = "UPDATE logs SET a = 1"


def policy(rules: str, *, name: str = "p", **more: str) -> Policy:
    lines = [f"name: {name}", f"rules: {{{rules}}}", *(f"{key}: {value}" for key, value in more.items())]
    return parse("\n".join(lines), "f")


def findings(sql: str, *policies: Policy, dialect: str = "mysql", **context: object) -> list[Finding]:
    rules = combined(policies)
    statements = analyse(dialect, sql, AnalysisContext(rules=rules, **context))  # type: ignore[arg-type]
    return [finding for statement in statements for finding in statement.findings]


def levels(sql: str, code: str, policies: Sequence[Policy], **context: object) -> list[str]:
    return [finding.severity.code for finding in findings(sql, *policies, **context) if finding.code == code]


# ---------------------------------------------------------------- one policy


def test_without_a_policy_the_default_holds() -> None:
    assert levels(NO_WHERE, "NO_WHERE", []) == ["error"]
    assert levels(NO_WHERE, "NO_WHERE", [policy("LINT: error")]) == ["error"]


@pytest.mark.parametrize("level", ["info", "warning", "error", "block"])
def test_a_level(level: str) -> None:
    [found] = [item for item in findings(NO_WHERE, policy(f"NO_WHERE: {level}")) if item.code == "NO_WHERE"]
    assert found.severity.code == level
    assert found.params["policy"] == "p"
    assert found.waivable == (level == "block")


@pytest.mark.parametrize("word", ["off", '"off"', "OFF", "{level: off}"])
def test_off(word: str) -> None:
    assert levels(NO_WHERE, "NO_WHERE", [policy(f"NO_WHERE: {word}")]) == []
    assert levels(NO_WHERE, "NO_WHERE", [policy(f"DML001: {word}")]) == []


def test_a_disabled_policy_says_nothing() -> None:
    assert levels(NO_WHERE, "NO_WHERE", [policy("NO_WHERE: off", enabled="false")]) == ["error"]


@pytest.mark.parametrize("level", ["off", "info", "warning", "error"])
def test_a_block_cant_be_lowered(level: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        policy(f"TX_CONTROL: {level}")
    assert refusal.value.code == "policy_block_lowered"


@pytest.mark.parametrize("level", ["off", "info"])
def test_nor_can_a_single_case_that_blocks(level: str) -> None:
    """CROSS_DB is an error, but blocks where the statement writes outside of the target."""
    sql = "UPDATE elsewhere.t SET a = 1 WHERE id = 1"
    chosen = [policy(f"CROSS_DB: {level}")]
    assert levels(sql, "CROSS_DB", chosen, database="shop") == ["block"]
    [found] = [item for item in findings(sql, *chosen, database="shop") if item.code == "CROSS_DB"]
    assert not found.waivable


def test_a_reader_s_note_is_weighed_where_the_rule_has_no_cases() -> None:
    """DOS names no cases for SQLite; whatever a reader notes counts all the same."""
    rules = combined([policy("DOS: block")])
    assert rules.rule("DOS").families < {"mysql", "postgresql", "sqlite"}
    assert levels("SELECT pg_sleep(1)", "DOS", [policy("DOS: block")], dialect="postgresql") == ["block"]


# ---------------------------------------------------------------- several


@pytest.mark.parametrize(
    ("first", "second", "expected_"),
    [
        ("info", "error", "error"),
        ("off", "warning", "warning"),
        ("block", "off", "block"),
        ("warning", "warning", "warning"),
    ],
)
def test_the_strictest_wins(first: str, second: str, expected_: str) -> None:
    """In either order."""
    one, other = policy(f"NO_WHERE: {first}", name="a"), policy(f"NO_WHERE: {second}", name="b")
    assert levels(NO_WHERE, "NO_WHERE", [one, other]) == [expected_]
    assert levels(NO_WHERE, "NO_WHERE", [other, one]) == [expected_]


def test_all_have_to_switch_it_off() -> None:
    assert levels(NO_WHERE, "NO_WHERE", [policy("NO_WHERE: off"), policy("NO_WHERE: off")]) == []


def test_parameters_of_each_count() -> None:
    """A table of six columns: too many for one of the two."""
    few = policy("TABLE_COLUMNS_MANY: {level: error, max: 5}", name="few")
    many = policy("TABLE_COLUMNS_MANY: {level: block, max: 90}", name="many")
    sql = "CREATE TABLE t (a INT, b INT, c INT, d INT, e INT, f INT)"
    for order in ([few, many], [many, few]):
        assert levels(sql, "TABLE_COLUMNS_MANY", order) == ["error"]
    assert levels(sql, "TABLE_COLUMNS_MANY", [many]) == []
    fewer = policy("TABLE_COLUMNS_MANY: {level: block, max: 4}", name="fewer")
    for order in ([few, fewer], [fewer, few]):
        assert levels(sql, "TABLE_COLUMNS_MANY", order) == ["block"]


# ---------------------------------------------------------------- tables


def test_tables_limit_what_a_policy_says() -> None:
    strict = policy("NO_WHERE: block", tables="[orders]")
    assert levels(NO_WHERE, "NO_WHERE", [strict]) == ["block"]
    assert levels(OTHER, "NO_WHERE", [strict]) == ["error"]


@pytest.mark.parametrize(
    ("pattern", "table", "holds"),
    [
        ("log_*", "log_2026", True),
        ("log_*", "blog_1", False),
        ("ORDERS", "orders", True),
        ("shop.*", "shop.orders", True),
        ("shop.*", "orders", False),
        ("shop.*", "bank.orders", False),
        ("order?", "orders", True),
    ],
)
def test_patterns(pattern: str, table: str, holds: bool) -> None:
    sql = f"DELETE FROM {table}"
    chosen = [policy("NO_WHERE: info", tables=f'["{pattern}"]')]
    assert levels(sql, "NO_WHERE", chosen) == ["info" if holds else "error"]


def test_a_lenient_policy_for_one_table_frees_no_other() -> None:
    lenient = policy("NO_WHERE: off", tables="[orders]")
    both = "UPDATE orders JOIN logs ON orders.id = logs.id SET orders.a = 1"
    assert levels(NO_WHERE, "NO_WHERE", [lenient]) == []
    assert levels(both, "NO_WHERE", [lenient]) == ["error"]
    assert levels(both, "NO_WHERE", [lenient, policy("NO_WHERE: off", tables="[logs]")]) == []


# ---------------------------------------------------------------- documents


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rules: [", "policy_invalid"),
        ("a: &a [*a]", "policy_invalid"),
        ("rules: {LINT: off, LINT: error}", "policy_invalid"),
        ("just words", "policy_value_invalid"),
        ("rule: {}", "policy_key_unknown"),
        ("rules: [LINT]", "policy_value_invalid"),
        ("tables: orders", "policy_value_invalid"),
        ("tables: [1]", "policy_value_invalid"),
        ("enabled: maybe", "policy_value_invalid"),
        ("name: ''", "policy_value_invalid"),
        (f"name: {'x' * 81}", "policy_value_invalid"),
        ("rules: {NOPE: error}", "policy_rule_unknown"),
        ("rules: {NO_WHERE: error, DML001: error}", "policy_rule_twice"),
        ("rules: {LINT: fatal}", "policy_severity_unknown"),
        ("rules: {LINT: {level: error, max: 1}}", "policy_parameter_unknown"),
        ("rules: {TABLE_COLUMNS_MANY: {max: many}}", "policy_parameter_invalid"),
        ("rules: {TABLE_COLUMNS_MANY: {max: true}}", "policy_parameter_invalid"),
        ("expressions: {}\n", None),
        ("x: " + "[" * 5000, "policy_invalid"),
        ("# " + "x" * 300_000, "policy_too_long"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_mistakes(text: str, code: str | None) -> None:
    if code is None:
        parse(text, "f")
        return
    with pytest.raises(InvalidInput) as refusal:
        parse(text, "f")
    assert refusal.value.code == code
    assert refusal.value.params["file"] == "f"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
CHANGEABLE = [rule for rule in RULES if rule.severity is not Severity.BLOCK]


def values(parameter: Parameter) -> st.SearchStrategy[Value]:
    if isinstance(parameter.default, bool):
        return st.booleans()
    if isinstance(parameter.default, int):
        return st.integers(parameter.minimum or 0, 10_000)
    words = st.sampled_from(parameter.choices) if parameter.choices else WORDS
    return words if isinstance(parameter.default, str) else st.lists(words, max_size=3).map(tuple)


@st.composite
def choices(draw: st.DrawFn) -> tuple[Rule, object]:
    rule = draw(st.sampled_from(CHANGEABLE))
    level = draw(st.sampled_from(["off", *(severity.code for severity in Severity)]))
    chosen: dict[str, object] = {"level": level}
    for parameter in rule.parameters:
        if draw(st.booleans()):
            value = draw(values(parameter))
            chosen[parameter.name] = list(value) if isinstance(value, tuple) else value
    return rule, chosen if len(chosen) > 1 else level


@settings(max_examples=150, deadline=None)
@given(
    name=WORDS.filter(str.strip),
    enabled=st.booleans(),
    tables=st.lists(WORDS, max_size=3, unique=True),
    environments=st.lists(WORDS, max_size=2, unique=True),
    said=st.lists(choices(), max_size=6, unique_by=lambda pair: pair[0].code),
)
def test_written_and_read_again(
    name: str,
    enabled: bool,
    tables: list[str],
    environments: list[str],
    said: list[tuple[Rule, object]],
) -> None:
    import yaml

    document: dict[str, object] = {"name": name, "enabled": enabled, "tables": tables}
    document |= {"environments": environments, "rules": {rule.code: value for rule, value in said}}
    first = parse(yaml.safe_dump(document, allow_unicode=True), "f")
    again = parse(first.to_yaml(), "f")
    assert again == first
    assert again.to_yaml() == first.to_yaml()
    assert (first.name, first.enabled, list(first.tables)) == (name, enabled, tables)


def test_what_a_parameter_takes_is_said() -> None:
    assert all(expected(parameter) for rule in RULES for parameter in rule.parameters)


# ---------------------------------------------------------------- ready policies


def test_presets_can_be_read() -> None:
    assert "clouddm" in presets.names()
    for name in presets.names():
        assert parse(presets.read(name), name).name == name
    with pytest.raises(NotFound):
        presets.read("../policy")


# ---------------------------------------------------------------- looking up


def test_rules_are_found_by_words() -> None:
    assert [rule.code for rule in reference.found(words="no_where", topic_name="guards")] == ["NO_WHERE"]
    assert list(reference.found(words="condition 条件", family="sqlite"))
    with pytest.raises(InvalidInput):
        list(reference.found(family="nope"))


def test_one_rule_alone() -> None:
    rules = reference.alone(reference.rule_named("kind_mismatch"), "block")
    context = AnalysisContext(rules=rules, ticket_kind=TicketKind.DATA_CHANGE)
    [statement] = analyse("mysql", "SELECT 1", context)
    assert [finding.severity for finding in statement.findings if finding.code == "KIND_MISMATCH"] == [
        Severity.BLOCK
    ]


# ---------------------------------------------------------------- rules of other packages

PACKAGE = """
from sluicegate.sql.facts import Note
from sluicegate.sql.model import Severity
from sluicegate.sql.rules.base import Rule, Text

def check(subject, options):
    for ref in subject.facts.objects:
        if ref.name.startswith("secret_"):
            yield Note("SECRET_TABLE", -1, ref.name)

RULES = [Rule(id="OWN001", code="SECRET_TABLE", severity=Severity.ERROR, check=check,
    title=Text(zh="机密表", en="A secret table"), message=Text(zh="{detail} 是机密表。", en="{detail} is secret."),
    why=Text(zh="机密。", en="Secret."))]
"""


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that has the package."""
    (tmp_path / "own_rules.py").write_text(PACKAGE, "utf-8")
    information = tmp_path / "own_rules-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: own-rules\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[sluicegate.rules]\nown = own_rules:RULES\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "LANG": "C.UTF-8", "SLUICEGATE_LANGUAGE": "en"}


def run(environment: dict[str, str], *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sluicegate.cli.main", *words],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_installed_rule_is_a_rule(installed: dict[str, str], tmp_path: Path) -> None:
    sql = "UPDATE secret_plan SET a = 1 WHERE id = 1"
    done = run(installed, "review", "-", "--dialect", "sqlite", given=sql)
    assert "SECRET_TABLE: secret_plan is secret." in done.stdout, done.stderr
    file = tmp_path / "p.yaml"
    file.write_text("name: p\nrules: {SECRET_TABLE: block}")
    done = run(installed, "review", "-", "--dialect", "sqlite", "--policy", str(file), given=sql)
    assert done.returncode == 1
    assert "installed" in run(installed, "rule", "show", "OWN001").stdout


def test_two_rules_of_one_name(installed: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "own_rules.py"
    file.write_text(file.read_text().replace('"SECRET_TABLE"', '"NO_WHERE"'))
    done = run(installed, "rule", "list")
    assert done.returncode != 0
    assert "rules share the code NO_WHERE" in done.stderr


# ---------------------------------------------------------------- CloudDM's rules

# Those that are not about Redis and MongoDB: schema_004 and schema_005.
CLOUDDM = [
    "catalog_003",
    *(f"schema_00{number}" for number in (1, 2, 3)),
    *(f"table_{number:03}" for number in range(1, 13)),
    *(f"column_{number:03}" for number in range(1, 18) if number != 6),
    "const_001",
    *(f"query_{number:03}" for number in (2, 3, 4, 5, 7, 8, 9, 10)),
    *(f"update_{number:03}" for number in (1, 2, 4, 5, 6, 7)),
    *(f"insert_{number:03}" for number in (1, 3, 4)),
    *(f"delete_{number:03}" for number in (1, 2, 3, 4, 5)),
]


def carried_over() -> set[str]:
    """What the rules say that they carry over."""
    files = Path(next(iter(rules.__path__))).glob("*/*.py")
    said = [ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "" for file in files]
    named = re.compile(r"\b(?:catalog|schema|table|column|const|query|update|insert|delete)_\d{3}\b")
    return {name for text in said if "CloudDM" in text for name in named.findall(text)}


def test_every_rule_of_clouddm_is_carried_over() -> None:
    assert len(CLOUDDM) == 55
    assert sorted(set(CLOUDDM) - carried_over()) == []
