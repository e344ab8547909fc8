"""`sluicegate rule`: what the rules are, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text as Line

from sluicegate.cli.ask import usage
from sluicegate.cli.language import language, say
from sluicegate.cli.options import Json, application
from sluicegate.cli.output import (
    console,
    done,
    emit,
    heading,
    show_lines,
    show_pairs,
    show_table,
    visible,
    word,
)
from sluicegate.cli.policy import read
from sluicegate.dialects import registry
from sluicegate.sql import reference, rule_stub
from sluicegate.sql.findings import say as say_finding
from sluicegate.sql.model import AnalysisContext, Statement, TicketKind, Verdict
from sluicegate.sql.policy import combined, expected, parse
from sluicegate.sql.rules.base import Example, Rule

app = application("rule")


@app.command("list", help=say("help_rule_list"))
def list_(
    words: Annotated[list[str] | None, typer.Argument(help=say("help_rule_words"))] = None,
    topic: Annotated[str, typer.Option("--topic", help=say("help_rule_topic"))] = "",
    family: Annotated[str, typer.Option("--family", help=say("help_rule_family"))] = "",
    json: Json = False,
) -> None:
    found = list(reference.found(words=" ".join(words or ()), topic_name=topic, family=family))
    emit([_row(rule) for rule in found], json, _show_rows)


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "code": rule.code,
        "topic": reference.topic(rule),
        "level": reference.level_of(rule),
        "title": reference.said(rule.title, language()),
        "families": sorted(rule.families),
    }


def _show_rows(rows: list[dict[str, Any]]) -> None:
    columns = ["id", "code", "topic", "level", "title", "families"]
    show_table(columns, [[row[column] for column in columns] for row in rows])


@app.command("show", help=say("help_rule_show"))
def show(
    code: Annotated[str, typer.Argument(metavar="CODE", help=say("help_rule_code"))], json: Json = False
) -> None:
    rule = reference.rule_named(code)
    emit(_whole(rule), json, lambda _: _print(rule))


def _whole(rule: Rule) -> dict[str, Any]:
    return _row(rule) | {
        "severity": rule.severity.code,
        "message": reference.said(rule.message, language()),
        "why": reference.said(rule.why, language()),
        "parameters": [
            {
                "name": item.name,
                "title": reference.said(item.title, language()),
                "default": item.default,
                "expected": expected(item),
            }
            for item in rule.parameters
        ],
        "fails": [_example(example) for example in rule.fails],
        "passes": [_example(example) for example in rule.passes],
    }


def _example(example: Example) -> dict[str, Any]:
    return {"sql": example.sql, "families": list(example.families), "setup": example.setup}


def _print(rule: Rule) -> None:
    row = _row(rule)
    show_pairs([(name, row[name]) for name in ("id", "code", "topic", "level", "title", "families")])
    screen = console()
    screen.print(Line("\n" + reference.said(rule.why, language())), soft_wrap=True)
    screen.print(Line("\n" + reference.said(rule.message, language())), soft_wrap=True)
    if rule.parameters:
        heading("rule_parameters")
        show_table(
            ["name", "default", "expected", "meaning"],
            [
                (item.name, _shown(item.default), expected(item), reference.said(item.title, language()))
                for item in rule.parameters
            ],
        )
    for code, examples in (("rule_fails", rule.fails), ("rule_passes", rule.passes)):
        if examples:
            heading(code)
            show_lines([example.sql[:400] for example in examples])


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


# ---------------------------------------------------------------- trying


@app.command("try", help=say("help_rule_try"))
def try_(
    files: Annotated[list[str], typer.Argument(metavar="FILE…|-", help=say("help_review_files"))],
    dialect: Annotated[str, typer.Option("--dialect", help=say("help_review_dialect"))],
    rule: Annotated[str, typer.Option("--rule", help=say("help_rule_code"))] = "",
    level: Annotated[str, typer.Option("--level", help=say("help_rule_level"))] = "",
    parameters: Annotated[list[str] | None, typer.Option("--set", help=say("help_rule_set"))] = None,
    policy: Annotated[list[str] | None, typer.Option("--policy", help=say("help_review_policy"))] = None,
    kind: Annotated[TicketKind | None, typer.Option("--kind", help=say("help_review_kind"))] = None,
    json: Json = False,
) -> None:
    """Exit status: 1 when something is denied."""
    if bool(rule) == bool(policy):
        raise usage("rule_try_nothing")
    only = reference.rule_named(rule) if rule else None
    if only is None:
        rules = combined([parse(read(file), file) for file in policy or ()])
    else:
        rules = reference.alone(only, level, dict(_parameters(parameters or [])))
    chosen = registry.get(dialect)
    context = AnalysisContext(ticket_kind=kind, rules=rules, dialect=chosen.code)
    found = [(file, statement) for file in files for statement in chosen.analyse(read(file), context)]
    emit(list(_tried(found, only)), json, _show_tried)
    if any(statement.verdict is Verdict.DENY for _, statement in found):
        raise typer.Exit(1)


def _parameters(given: list[str]) -> Iterator[tuple[str, object]]:
    """``name=value``; the value as YAML has it, so that numbers, words and lists are what they look like."""
    import yaml  # noqa: PLC0415 - only who sets parameters pays for it

    for item in given:
        name, sign, value = item.partition("=")
        try:
            read_value = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise usage("rule_parameter_unreadable", value=item) from error
        if not sign:
            raise usage("rule_parameter_unreadable", value=item)
        yield name, read_value


def _tried(found: list[tuple[str, Statement]], only: Rule | None) -> Iterator[dict[str, Any]]:
    for file, statement in found:
        for finding in statement.findings:
            if only is None or finding.code == only.code:
                yield {
                    "file": file,
                    "ordinal": statement.ordinal,
                    "line": finding.line,
                    "column": finding.column,
                    "code": finding.code,
                    "severity": finding.severity.code,
                    "message": say_finding(finding, language()),
                }


def _show_tried(rows: list[dict[str, Any]]) -> None:
    show_table(
        ["place", "level", "code", "message"],
        [
            (
                f"{visible(row['file'])}:{row['line']}:{row['column']}",
                word("severity", row["severity"]),
                row["code"],
                row["message"],
            )
            for row in rows
        ],
    )


# ---------------------------------------------------------------- writing


@app.command("new", help=say("help_rule_new"))
def new(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help=say("help_rule_topic"))],
    name: Annotated[str, typer.Argument(metavar="NAME", help=say("help_rule_file"))],
    directory: Annotated[Path | None, typer.Option("--directory", help=say("help_rule_directory"))] = None,
) -> None:
    made = rule_stub.write(topic, name, directory)
    done("rule_stub_written", file=str(made.file), rule=made.code, id=made.id)
