"""`sluicegate admin`: on the machine of the service, against its database, without the API.

Everything of Django's is imported inside the commands: it can be only once the configuration is known.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.environment import service_config
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, application
from sluicegate.cli.output import done, emit
from sluicegate.cli.user import generated_password
from sluicegate.core.config import PREFIX
from sluicegate.core.errors import Conflict, NotFound

app = application("admin")

Data = Annotated[Path | None, typer.Option("--data", help=say("help_up_data"))]
Username = Annotated[str, typer.Argument(help=say("help_username"))]


def _prepare(data: Path | None) -> None:
    if data is not None:
        os.environ[PREFIX + "DATA_DIR"] = str(data.absolute())
    service_config("admin")
    import django  # noqa: PLC0415

    django.setup()


@app.command("verify-audit", help=say("help_admin_verify_audit"))
def verify_audit(data: Data = None, json: Json = False) -> None:
    _prepare(data)
    from sluicegate.audit.log import verify  # noqa: PLC0415

    check = verify()
    shown = {"entries": check.entries, "head": check.head, "broken_at": check.broken_at}
    if check.broken_at is None:
        emit(shown, json, lambda _: done("audit_intact", entries=check.entries, head=check.head))
        return
    emit(shown, json, lambda _: done("audit_broken", sequence=check.broken_at, entries=check.entries))
    raise typer.Exit(1)


@app.command("create-admin", help=say("help_admin_create"))
def create_admin(
    username: Username,
    name: Annotated[str, typer.Option("--name", help=say("help_user_name"))] = "",
    data: Data = None,
) -> None:
    _prepare(data)
    from sluicegate.accounts import services  # noqa: PLC0415
    from sluicegate.accounts.models import Role, User  # noqa: PLC0415
    from sluicegate.accounts.permissions import ADMINISTRATOR  # noqa: PLC0415
    from sluicegate.audit.log import SYSTEM, record, unit_of_work  # noqa: PLC0415

    password = generated_password()
    with unit_of_work():
        services.ensure_builtin_roles()
        if User.objects.filter(username=username).exists():
            raise Conflict("username_taken", username=username)
        user = User(username=username, name=name or username)
        user.set_unusable_password()
        user.save()
        user.roles.set(Role.objects.filter(code=ADMINISTRATOR))
        record(SYSTEM, "user.created", "user", user.pk, username=username, roles=[ADMINISTRATOR])
        services.set_password(by=None, user_id=user.pk, password=password)
    done("user_added", username=username)
    done("password_once", username=username, password=password)


@app.command("reset-password", help=say("help_admin_reset_password"))
def reset_password(username: Username, data: Data = None) -> None:
    _prepare(data)
    from sluicegate.accounts.models import User  # noqa: PLC0415
    from sluicegate.accounts.services import set_password  # noqa: PLC0415

    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFound("user_not_found", username=username)
    password = generated_password()
    set_password(by=None, user_id=user.pk, password=password)
    done("user_password_set", username=username)
    done("password_once", username=username, password=password)
