"""`sluicegate flow`, `sluicegate dingtalk` and `sluicegate audit`."""

from __future__ import annotations

import json as json_library
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli import directory
from sluicegate.cli.ask import moment, sure, usage
from sluicegate.cli.client import Client, Query, connect
from sluicegate.cli.connecting import connect_dingtalk
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, Limit, Yes, application
from sluicegate.cli.output import done, emit, notice, show_pairs, show_table, word
from sluicegate.cli.quota import quota
from sluicegate.cli.shapes import AuditEntry, DingTalk, Flow, Form, Level, Subscription, Template
from sluicegate.core.errors import ConfigurationError

flows = application("flow")
dingtalk = application("dingtalk")
audit = application("audit")
dingtalk.add_typer(quota)

_PAGE = 500


# ---------------------------------------------------------------- approval flows


@flows.command("list", help=say("help_flow_list"))
def list_flows(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/approval-flows", list[Flow]), json, _show_flows)


def _show_flows(items: list[Flow]) -> None:
    show_table(
        ["id", "environment", "kind", "provider", "levels", "template", "preset", "automatic"],
        [
            (
                item.id,
                item.environment or say("word_any"),
                word("kind", item.kind) if item.kind else say("word_any"),
                word("provider", item.provider),
                " → ".join(map(_level_text, item.levels)) if item.provider == "builtin" else "",
                item.template_name,
                item.preset if item.provider != "builtin" else "",
                item.execute_automatically,
            )
            for item in items
        ],
    )


def _level_text(level: Level) -> str:
    who = [f"@{role}" for role in level.roles] + level.users
    return f"{level.mode}:{','.join(who)}" if who else level.mode


def _level(text: str) -> dict[str, object]:
    """``any``, ``all:alice,bob`` or ``any:@dba,carol``."""
    mode, _, people = text.partition(":")
    if mode not in ("any", "all"):
        raise usage("level_invalid", value=text)
    who = [name.strip() for name in people.split(",") if name.strip()]
    return {
        "mode": mode,
        "roles": [name.removeprefix("@") for name in who if name.startswith("@")],
        "users": [name for name in who if not name.startswith("@")],
    }


@flows.command("set", help=say("help_flow_set"))
def set_flow(
    provider: Annotated[str, typer.Option("--provider", help=say("help_flow_provider"))],
    environment: Annotated[str, typer.Option("--environment", "-e", help=say("help_flow_environment"))] = "",
    kind: Annotated[str, typer.Option("--kind", "-k", help=say("help_flow_kind"))] = "",
    level: Annotated[
        list[str] | None,
        typer.Option("--level", metavar="any|all[:@ROLE,USER…]", help=say("help_flow_level")),
    ] = None,
    template: Annotated[str, typer.Option("--template", help=say("help_flow_template"))] = "",
    process_code: Annotated[str, typer.Option("--process-code", help=say("help_flow_process_code"))] = "",
    preset: Annotated[str, typer.Option("--preset", help=say("help_flow_preset"))] = "clouddm-classic",
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="PATH", help=say("help_flow_mapping"))
    ] = None,
    automatically: Annotated[
        bool, typer.Option("--execute-automatically", help=say("help_flow_automatically"))
    ] = False,
    json: Json = False,
) -> None:
    body: dict[str, object] = {
        "provider": provider,
        "environment": environment,
        "kind": kind,
        "template_name": template,
        "process_code": process_code,
        "preset": preset,
        "mapping": _mapping(mapping),
        "execute_automatically": automatically,
    }
    if level:
        body["levels"] = [_level(text) for text in level]
    with connect() as client:
        emit(client.create("/approval-flows", Flow, body), json, lambda flow: _show_flows([flow]))


def _mapping(path: Path | None) -> object:
    if path is None:
        return None
    try:
        return json_library.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError("file_unreadable", path=str(path), problem=str(error)) from error


@flows.command("delete", help=say("help_flow_delete"))
def delete_flow(
    flow_id: Annotated[int, typer.Argument(metavar="ID", help=say("help_flow_id"))], yes: Yes = False
) -> None:
    sure(say("ask_delete_flow", id=flow_id), yes=yes)
    with connect() as client:
        client.delete(f"/approval-flows/{flow_id}")
    done("deleted", name=flow_id)


# ---------------------------------------------------------------- DingTalk


dingtalk.command("connect", help=say("help_dingtalk_connect"))(connect_dingtalk)
dingtalk.command("sync", help=say("help_dingtalk_sync"))(directory.sync)
dingtalk.command("directory", help=say("help_dingtalk_directory"))(directory.directory)
dingtalk.command("departments", help=say("help_dingtalk_departments"))(directory.departments)


@dingtalk.command("show", help=say("help_dingtalk_show"))
def show_dingtalk(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/dingtalk", DingTalk), json, _show_dingtalk)


def _show_dingtalk(item: DingTalk) -> None:
    show_pairs(
        [
            ("connected", item.connected),
            ("app_key", item.app_key),
            ("corp_id", item.corp_id),
            ("agent_id", item.agent_id),
            ("stream", item.stream_state),
            ("callback", item.callback),
        ]
    )


Environment = Annotated[str, typer.Option("--environment", "-e", help=say("help_form_environment"))]


@dingtalk.command("forms", help=say("help_dingtalk_forms"))
def list_forms(environment: Environment = "", json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/dingtalk/forms", list[Form], {"environment": environment}), json, _show_forms)


@dingtalk.command("create-forms", help=say("help_dingtalk_create_forms"))
def create_forms(
    environment: Environment = "",
    kind: Annotated[str, typer.Option("--kind", "-k", help=say("help_form_kind"))] = "",
    json: Json = False,
) -> None:
    body = {"environment": environment, "kind": kind}
    with connect() as client:
        made = client.post("/dingtalk/forms", list[Form], body)
        emit(made, json, _show_forms)
    if not json and any(form.created for form in made):
        notice("dingtalk_forms_created")


@dingtalk.command("adopt-form", help=say("help_dingtalk_adopt_form"))
def adopt_form(
    template: Annotated[str, typer.Argument(help=say("help_form_template"))],
    kind: Annotated[str, typer.Option("--kind", "-k", help=say("help_form_kind"))],
    environment: Environment = "",
    preset: Annotated[str, typer.Option("--preset", help=say("help_form_preset"))] = "",
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="PATH", help=say("help_flow_mapping"))
    ] = None,
    json: Json = False,
) -> None:
    body = {
        "kind": kind,
        "template": template,
        "environment": environment,
        "preset": preset or ("custom" if mapping is not None else ""),
        "mapping": _mapping(mapping),
    }
    with connect() as client:
        emit(client.put("/dingtalk/forms", Form, body), json, lambda form: _show_forms([form]))


@dingtalk.command("templates", help=say("help_dingtalk_templates"))
def list_templates(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/dingtalk/templates", list[Template]), json, _show_templates)


def _show_templates(items: list[Template]) -> None:
    show_table(
        ["name", "process_code", "group"], [(item.name, item.process_code, item.group) for item in items]
    )


def _show_forms(items: list[Form]) -> None:
    show_table(
        ["kind", "template", "preset", "process_code", "status", "differences"],
        [
            (
                word("kind", item.kind),
                item.name,
                item.preset,
                item.process_code,
                word("word_form", item.status),
                "; ".join(found.text for found in item.differences),
            )
            for item in items
        ],
    )


@dingtalk.command("callback", help=say("help_dingtalk_callback"))
def subscribe_dingtalk(
    off: Annotated[bool, typer.Option("--off", help=say("help_dingtalk_callback_off"))] = False,
    json: Json = False,
) -> None:
    with connect() as client:
        if off:
            client.delete("/dingtalk/callback")
            done("dingtalk_callback_removed")
            return
        emit(client.put("/dingtalk/callback", Subscription, {}), json, _show_subscription)


def _show_subscription(item: Subscription) -> None:
    show_pairs([("path", item.path), ("token", item.token), ("aes_key", item.aes_key)])
    notice("dingtalk_callback_made")


@dingtalk.command("disconnect", help=say("help_dingtalk_disconnect"))
def disconnect_dingtalk(yes: Yes = False) -> None:
    sure(say("ask_disconnect"), yes=yes)
    with connect() as client:
        client.delete("/dingtalk")
    done("dingtalk_disconnected")


# ---------------------------------------------------------------- the audit log


@audit.command("list", help=say("help_audit_list"))
def list_audit(
    actor: Annotated[str, typer.Option("--actor", help=say("help_audit_actor"))] = "",
    action: Annotated[str, typer.Option("--action", help=say("help_audit_action"))] = "",
    object_type: Annotated[str, typer.Option("--object-type", help=say("help_audit_object_type"))] = "",
    object_id: Annotated[str, typer.Option("--object-id", help=say("help_audit_object_id"))] = "",
    since: Annotated[str | None, typer.Option("--since", help=say("help_since"))] = None,
    until: Annotated[str | None, typer.Option("--until", help=say("help_until"))] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    begin, end = moment(since, "--since"), moment(until, "--until")
    query: Query = {
        "actor": actor,
        "action": action,
        "object_type": object_type,
        "object_id": object_id,
        "since": begin.isoformat() if begin else None,
        "until": end.isoformat() if end else None,
    }
    with connect() as client:
        emit(list(islice(_entries(client, query, limit), limit)), json, _show_entries)


def _entries(client: Client, query: Query, limit: int) -> Iterator[AuditEntry]:
    """Newest first, page after page."""
    size, before = min(limit, _PAGE), None
    while True:
        page = client.get("/audit", list[AuditEntry], {**query, "before": before, "size": size})
        yield from page
        if len(page) < size:
            return
        before = page[-1].sequence


def _show_entries(entries: list[AuditEntry]) -> None:
    show_table(
        ["sequence", "at", "actor", "action", "object", "data"],
        [
            (
                str(entry.sequence),
                entry.at,
                entry.actor,
                entry.action,
                f"{entry.object_type} {entry.object_id}",
                "  ".join(f"{name}={value}" for name, value in entry.data.items()),
            )
            for entry in entries
        ],
    )
