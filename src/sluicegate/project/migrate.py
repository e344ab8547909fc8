"""Bringing the tables up to date, and the first administrator."""

from __future__ import annotations

from dataclasses import dataclass, field

import django
import psycopg
from django.core.management import call_command

from sluicegate.core.errors import Unavailable
from sluicegate.core.log import mask

# Machines that start at the same time migrate one after the other. The number only has to be ours.
_MIGRATION_LOCK = 0x5C01CE6A7E


@dataclass(frozen=True)
class FirstAdministrator:
    """The account made on an installation without people; its password is shown once."""

    login: str
    password: str = field(repr=False)


def migrate(dsn: str) -> FirstAdministrator | None:
    """Apply what is missing; makes the first administrator when there is nobody.

    Raises:
        Unavailable: ``database_unreachable``.
    """
    django.setup()
    from sluicegate.accounts.services import ensure_first_admin  # noqa: PLC0415 - Django must be set up

    try:
        connection = psycopg.connect(dsn, autocommit=True)
    except psycopg.OperationalError as error:
        raise Unavailable("database_unreachable", problem=mask(str(error))) from error
    with connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        call_command("migrate", interactive=False, verbosity=0)
        password = ensure_first_admin(username="admin")
    return FirstAdministrator("admin", password) if password is not None else None
