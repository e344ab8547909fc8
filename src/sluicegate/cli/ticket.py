"""`sluicegate ticket`: the whole group of commands; each part of it is a module of its own."""

from __future__ import annotations

from collections.abc import Callable

from sluicegate.cli import ticket_act, ticket_file, ticket_read, ticket_watch
from sluicegate.cli.language import say
from sluicegate.cli.options import application

app = application("ticket")

_COMMANDS: dict[str, Callable[..., None]] = {
    "submit": ticket_file.submit,
    "request-access": ticket_file.request_access,
    "revise": ticket_file.revise,
    "send": ticket_act.send,
    "list": ticket_read.list_,
    "show": ticket_read.show,
    "statements": ticket_read.statements,
    "script": ticket_read.script,
    "approve": ticket_act.approve,
    "reject": ticket_act.reject,
    "confirm": ticket_act.confirm,
    "unschedule": ticket_act.unschedule,
    "watch": ticket_watch.watch,
    "choices": ticket_act.choices,
    "choose": ticket_act.choose,
    "waive": ticket_act.waive,
    "withdraw": ticket_act.withdraw,
    "cancel": ticket_act.cancel,
    "resolve": ticket_act.resolve,
    "undo": ticket_act.undo,
    "copy": ticket_act.copy,
    "comment": ticket_act.comment,
}

for _name, _command in _COMMANDS.items():
    app.command(_name, help=say(f"help_ticket_{_name.replace('-', '_')}"))(_command)
