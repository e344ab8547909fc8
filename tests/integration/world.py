"""Objects for a test, none of them shared with another one; and several people acting at once."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from django.db import connection
from django.utils import timezone

from sluicegate.accounts.models import User
from sluicegate.accounts.services import Profile, create_user
from sluicegate.datasources.models import DataSource
from sluicegate.datasources.services import DataSourceFields, register_datasource
from sluicegate.executions import services as executions
from sluicegate.executions.models import Execution
from sluicegate.executions.services import GrantTarget, PlannedStatement
from sluicegate.sql.model import TicketKind
from sluicegate.tickets.content import Content, TargetInput
from sluicegate.tickets.models import Ticket
from sluicegate.tickets.submission import submit_ticket

R = TypeVar("R")
PASSWORD = "a long enough passphrase"
SCRIPT = b"UPDATE orders SET total = 1 WHERE id = 1;\nUPDATE orders SET total = 2 WHERE id = 2"
_count = itertools.count(1)


class World:
    def __init__(self, sqlite_root: Path) -> None:
        self._root = sqlite_root
        self.admin = User.objects.get(username="admin")

    def unique(self, name: str) -> str:
        return f"{name}-{next(_count)}"

    def person(self, *roles: str, password: str | None = None) -> User:
        profile = Profile(roles=roles)
        created = create_user(
            by=self.admin, username=self.unique("person"), profile=profile, password=password
        )
        return User.objects.get(pk=created.pk)

    def datasource(self, environment: str = "dev", **fields: object) -> DataSource:
        """A SQLite file with a table, so that sessions on it are real."""
        path = self._root / f"{next(_count)}.db"
        with sqlite3.connect(path) as file:
            file.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INT)")
        file.close()
        values = DataSourceFields(
            name=self.unique("shop"),
            dialect="sqlite",
            database=str(path),
            environment=environment,
            **fields,  # type: ignore[arg-type]
        )
        return register_datasource(by=self.admin, values=values)

    def ticket(self, by: User | None = None, datasource: DataSource | None = None, **content: str) -> Ticket:
        """A draft, which no worker touches."""
        where = datasource or self.datasource()
        values = Content(
            content.get("title", "fix"), content.get("remark", ""), (TargetInput(where.pk),), SCRIPT
        )
        return submit_ticket(by=by or self.admin, kind=TicketKind.DATA_CHANGE, values=values, draft=True)

    def execution(self, datasource: DataSource | None = None, statements: int = 2) -> Execution:
        """What an approved ticket would be run by."""
        return executions.grant_execution(
            script=executions.freeze(SCRIPT),
            ticket_kind="data_change",
            target=GrantTarget(self.unique("grant"), datasource or self.datasource(), 1, "", ""),
            approvers=["li"],
            expires_at=timezone.now() + timedelta(days=1),
            one_row_each=False,
            statements=[
                PlannedStatement(ordinal, 0, 10, "dml", "UPDATE", True, None, "")
                for ordinal in range(1, statements + 1)
            ],
        )


def at_once(*acts: Callable[[], R]) -> list[R | Exception]:
    """Each in a thread and on a connection of its own, begun together: what each gave or raised."""
    start = threading.Barrier(len(acts))

    def act(do: Callable[[], R]) -> R | Exception:
        try:
            start.wait(30)
            return do()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(act, acts))


def raised(outcomes: Sequence[object]) -> list[Exception]:
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]
