"""The catalogue and the code that uses it: no code without a text, no text without a use, both languages alike."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

from sluicegate.accounts.permissions import Action, Permission
from sluicegate.cli.main import COMMANDS
from sluicegate.core import errors as core_errors
from sluicegate.core.errors import SluicegateError
from sluicegate.core.messages import LANGUAGES, catalogue
from sluicegate.dialects import base as dialect_base
from sluicegate.dingtalk import errors as dingtalk_errors
from sluicegate.dingtalk.comparison import DifferenceKind
from sluicegate.dingtalk.probes import PROBES
from sluicegate.sql import gate
from sluicegate.sql.model import Severity, TicketKind, Verdict
from sluicegate.sql.rules import RULES
from sluicegate.tickets.states import Event, State

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "sluicegate"
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
CODE = re.compile(r"[a-z][a-z0-9_]*[a-z0-9]")

# Functions that turn a code into text, or keep one that will be: where in their arguments the code stands.
TAKES_CODE = {"text": 0, "message": 0, "say": 0, "_plain": 2, "_refuse": 2, "_Stop": 1, "_failed": 1}
TAKES_CODE |= {"done": 0, "usage": 0, "notice": 0, "heading": 0}  # of the command line
TAKES_CODE |= {"not_applied": 1, "NoImage": 0, "Estimate": 1}
# Keywords and class attributes whose value is a code.
CODE_KEYWORDS = {"reason", "error_code", "held_reason", "problem_code", "message_code"}
CODE_ATTRIBUTES = {"default_code"}

# Chinese in the code that is data, not text for people: what a company's DingTalk forms are called, how DingTalk
# words its refusals, the names that built-in roles and environments get in the database (in both languages), and
# the product's own name.
CHINESE_DATA = {
    "dingtalk/form_presets.py",
    "dingtalk/errors.py",
    "accounts/permissions.py",
    "datasources/services.py",
}
PRODUCT = "水闸"


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    files = sorted(file for file in SOURCE.rglob("*.py") if "migrations" not in file.parts)
    return tuple((file.relative_to(SOURCE).as_posix(), ast.parse(file.read_text("utf-8"))) for file in files)


@cache
def nodes() -> tuple[tuple[str, ast.AST], ...]:
    return tuple((name, node) for name, module in modules() for node in ast.walk(module))


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    return tuple((name, node) for name, node in nodes() if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    target = call.func
    return target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")


@cache
def error_names() -> frozenset[str]:
    """Names of the classes whose first argument is a code."""
    for module in (core_errors, dialect_base, gate):
        assert module is not None  # imported, so that its classes are known below

    def below(kind: type[SluicegateError]) -> Iterator[str]:
        yield kind.__name__
        for child in kind.__subclasses__():
            yield from below(child)

    coded = set(below(SluicegateError)) - {
        name for name, value in vars(dingtalk_errors).items() if isinstance(value, type)
    }
    return frozenset(coded | {"SluicegateError"})


def literals(node: ast.AST | None) -> Iterator[str]:
    """The codes an expression may be: a constant, either side of a conditional, or of an ``or``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from literals(value)


def code_argument(call: ast.Call) -> ast.expr | None:
    name = called(call)
    at = 0 if name in error_names() else TAKES_CODE.get(name)
    return call.args[at] if at is not None and len(call.args) > at else None


def codes_of_call(name: str, call: ast.Call) -> Iterator[str]:
    yield from literals(code_argument(call))
    if called(call) in ("warning", "info", "error") or name.startswith("dingtalk/"):
        return  # a log line's fields; a word for the log within the DingTalk client
    for keyword in call.keywords:
        if keyword.arg in CODE_KEYWORDS:
            yield from (code for code in literals(keyword.value) if CODE.fullmatch(code))


def used_codes() -> Iterator[tuple[str, str]]:
    """Every literal that certainly becomes text, with its place."""
    for name, node in nodes():
        if isinstance(node, ast.Call):
            yield from ((code, f"{name}:{node.lineno}") for code in codes_of_call(name, node))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id in CODE_ATTRIBUTES for target in targets):
                yield from ((code, f"{name}:{node.lineno}") for code in literals(node.value))
        elif isinstance(node, ast.FunctionDef) and node.name in ("hold_reason", "fitting_code"):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return):
                    yield from ((code, f"{name}:{inner.lineno}") for code in literals(inner.value))


def noted_events() -> set[str]:
    """The types of a ticket's timeline that ``transitions.note`` writes."""
    found: set[str] = set()
    for _, node in calls():
        if called(node) == "note" and len(node.args) >= 3:
            type_ = node.args[1]
            found.update(literals(type_))
            if isinstance(type_, ast.JoinedStr):
                assert prefix_of(type_) == "approval_"
                found.update({"approval_agree", "approval_refuse"})
    return found


def first_arguments(module: str, *functions: str) -> set[str]:
    """The literals that these functions are called with in one module."""
    found = (call for name, call in calls() if name == module and called(call) in functions and call.args)
    return {code for call in found for code in literals(call.args[0])}


def command_names() -> set[str]:
    """What ``help_<name>`` is looked up for: the commands, and those of a group that a module gives in a table."""
    found = set(COMMANDS)
    for name, module in modules():
        if not name.startswith("cli/") or name == "cli/main.py":
            continue
        inner = list(ast.walk(module))
        found.update(
            code
            for node in inner
            if isinstance(node, ast.Call) and called(node) == "application"
            for code in literals(node.args[0])
        )
        prefixes = {prefix_of(node) for node in inner if isinstance(node, ast.JoinedStr)}
        tables = [node for node in inner if isinstance(node, ast.Dict)]
        keys = {key for table in tables for item in table.keys for key in literals(item)}
        found.update(
            (prefix + key.replace("-", "_")).removeprefix("help_")
            for prefix in prefixes
            if prefix.startswith("help_")
            for key in keys
        )
    return found


def column_names() -> set[str]:
    """The headings of the command line's tables."""
    tables = (call.args[0] for _, call in calls() if called(call) == "show_table")
    return {code for columns in tables for item in ast.walk(columns) for code in literals(item)}


# What is said where there is something to say: whose turn it is in a state, the name of a line of facts.
OPTIONAL = {"turn_", "column_"}


def optional_prefixes() -> set[str]:
    """Families whose members need no entry, those of ``word(prefix, code)`` among them."""
    words = (
        prefix
        for _, call in calls()
        if called(call) == "word" and call.args
        for prefix in literals(call.args[0])
    )
    return OPTIONAL | {f"{prefix}_" for prefix in words}


@cache
def families() -> dict[str, set[str]]:
    """The codes that f-strings make: what stands before the first brace, and every ending there is."""
    return {
        "state_": {state.value for state in State},
        "kind_": {kind.value for kind in TicketKind},
        "action_": {action.value for action in Action},
        "event_": {event.value for event in Event} | noted_events(),
        "doctor_": {
            code
            for name, _ in modules()
            if name.startswith("approvals/doctor/")
            for code in first_arguments(name, "Line", "tried", "_compared")
        },
        "scope_": {probe.title_code.removeprefix("scope_") for probe in PROBES},
        "doctor_cli_": first_arguments("cli/doctor.py", "_line"),
        "datasource_": {"enabled_done", "disabled_done"},
        "severity_": {severity.name.lower() for severity in Severity},
        "verdict_": {verdict.value for verdict in Verdict},
        "finding_": {rule.code.lower() for rule in RULES if rule.message is None},
        "dingtalk_form_": {kind.value for kind in DifferenceKind},
        "help_": command_names(),
        "column_": column_names(),
        "permission_": {permission.value.replace(".", "_") for permission in Permission},
    }


def prefix_of(node: ast.JoinedStr) -> str:
    first = node.values[0]
    return str(first.value) if isinstance(first, ast.Constant) else ""


@cache
def family_codes() -> set[str]:
    return {prefix + name for prefix, names in families().items() for name in names}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


# ---------------------------------------------------------------- the entries themselves


def faults(code: str, entry: dict[str, str]) -> Iterator[str]:
    if not CODE.fullmatch(code):
        yield "not a code"
    if set(entry) != set(LANGUAGES) or not all(sentence.strip() for sentence in entry.values()):
        yield "a language is missing"
        return
    if placeholders(entry["zh"]) != placeholders(entry["en"]):
        yield "other placeholders in the other language"
    if not all(name.isidentifier() for name in placeholders(entry["zh"])):
        yield "a placeholder without a name"
    if not re.search(r"[\u3000-\u9fff\uff00-\uffef]", entry["zh"]) and entry["zh"] != entry["en"]:
        yield "no Chinese"


def test_entries_are_whole() -> None:
    found = {code: list(faults(code, entry)) for code, entry in catalogue().items()}
    assert {code: wrong for code, wrong in found.items() if wrong} == {}


# ---------------------------------------------------------------- codes and entries


def test_every_code_has_a_text() -> None:
    missing = sorted((code, where) for code, where in used_codes() if code not in catalogue())
    assert missing == []


def test_every_composed_code_has_a_text() -> None:
    assert sorted(family_codes() - set(catalogue())) == []


def test_codes_are_composed_in_known_ways_only() -> None:
    """A new family of codes has to be listed in ``families`` with its members."""
    known = (*families(), *OPTIONAL)
    unknown = []
    for name, call in calls():
        argument = code_argument(call)
        if isinstance(argument, ast.JoinedStr) and not prefix_of(argument).startswith(known):
            unknown.append((name, call.lineno))
    assert unknown == []


def test_no_text_without_a_use() -> None:
    mentioned = {
        node.value
        for _, node in nodes()
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }
    optional = tuple(optional_prefixes())
    words = {code for code in catalogue() for prefix in optional if code.removeprefix(prefix) in mentioned}
    assert sorted(set(catalogue()) - mentioned - family_codes() - words) == []


# ---------------------------------------------------------------- placeholders and what is given for them

# What these classes give to their sentence by themselves.
GIVEN_BY_CLASS = {
    "StatementFailed": {"server_code", "message"},
    "OutcomeUnknown": {"server_code", "message"},
    "MarkerExists": {"ordinal", "key"},
}


def test_every_placeholder_is_given_a_value() -> None:
    unfilled = []
    for name, node in calls():
        if called(node) not in {*error_names(), "_Stop", "text", "say", "done", "usage", "notice"}:
            continue
        if any(keyword.arg is None for keyword in node.keywords):
            continue  # **params: not to be known here
        given = {keyword.arg for keyword in node.keywords} | GIVEN_BY_CLASS.get(called(node), set())
        for code in literals(code_argument(node)):
            wanted = placeholders(catalogue().get(code, {}).get("en", ""))
            if wanted - given:
                unfilled.append((f"{name}:{node.lineno}", code, sorted(wanted - given)))
    assert unfilled == []


# ---------------------------------------------------------------- Chinese outside of the catalogue


def strings_of(source: str) -> Iterator[tuple[int, str]]:
    """The string tokens of a source that aren't docstrings: line and text. Comments aren't strings."""
    documented = {
        (node.body[0].value.lineno, node.body[0].value.col_offset)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING and token.start not in documented:
            yield token.start[0], token.string


def chinese_in(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        for line, string in strings_of(file.read_text("utf-8")):
            if CHINESE.search(string.replace(PRODUCT, "")):
                yield f"{file.relative_to(SOURCE).as_posix()}:{line}"


def _may_hold_chinese(name: str) -> bool:
    """A rule is one file, its texts in both languages and its cases included."""
    return name in CHINESE_DATA or name.startswith("sql/rules/")


def test_no_chinese_text_outside_of_the_catalogue() -> None:
    names = {file: file.relative_to(SOURCE).as_posix() for file in SOURCE.rglob("*.py")}
    files = [file for file, name in names.items() if not _may_hold_chinese(name)]
    assert list(chinese_in(files)) == []


def test_the_exceptions_are_needed() -> None:
    for name in CHINESE_DATA:
        assert list(chinese_in([SOURCE / name])), name
