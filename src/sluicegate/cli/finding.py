"""From the names that people write to the ids that the API wants."""

from __future__ import annotations

import re
from urllib.parse import quote

from sluicegate.cli.ask import usage
from sluicegate.cli.client import Client
from sluicegate.cli.shapes import DataSource, Group, User
from sluicegate.core.errors import NotFound

_NUMBER = re.compile(r"(?:SG-)?(\d{1,15})", re.IGNORECASE)


def ticket_number(text: str) -> str:
    """``SG-12`` from that, from ``sg-12`` or from ``12``."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise usage("ticket_number_invalid", value=text)
    return f"SG-{match[1]}"


def quoted(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")


def datasource(client: Client, name: str) -> DataSource:
    """Raises NotFound ``datasource_unknown``."""
    for item in client.get("/datasources", list[DataSource], {"words": name}):
        if item.name == name:
            return item
    raise NotFound("datasource_unknown", name=name)


def datasource_id(client: Client, name: str | None) -> int | None:
    return datasource(client, name).id if name else None


def user(client: Client, username: str) -> User:
    """Raises NotFound ``user_not_found``."""
    for item in client.get("/users", list[User], {"words": username}):
        if item.username == username:
            return item
    raise NotFound("user_not_found", username=username)


def group(client: Client, name: str) -> Group:
    """Raises NotFound ``group_not_found``."""
    for item in client.get("/groups", list[Group]):
        if item.name == name:
            return item
    raise NotFound("group_not_found", name=name)


class Targets:
    """Turns ``NAME[:DATABASE[:SCHEMA]]`` into targets; reads the data sources once."""

    def __init__(self, client: Client) -> None:
        self._by_name = {item.name: item for item in client.get("/datasources", list[DataSource])}

    def find(self, text: str) -> tuple[DataSource, list[str]]:
        """The data source, and what stands behind its name. A name may hold colons itself.

        Raises:
            NotFound: ``datasource_unknown``.
        """
        parts = text.split(":")
        for length in range(len(parts), 0, -1):
            found = self._by_name.get(":".join(parts[:length]))
            if found is not None:
                return found, parts[length:]
        raise NotFound("datasource_unknown", name=parts[0])

    def target(self, text: str) -> dict[str, object]:
        """A target of a change, as the API wants it."""
        found, rest = self.find(text)
        if len(rest) > 2:
            raise usage("target_invalid", value=text)
        database, schema = [*rest, "", ""][:2]
        return {"datasource_id": found.id, "database": database, "schema": schema}

    def access_object(self, text: str) -> dict[str, object]:
        """An object of an access request: ``NAME[:DATABASE[:SCHEMA[:TABLE]]]``, where ``*`` is all."""
        found, rest = self.find(text)
        if len(rest) > 3:
            raise usage("access_object_invalid", value=text)
        database, schema, table = [*(part or "*" for part in rest), "*", "*", "*"][:3]
        return {"datasource_id": found.id, "database": database, "schema": schema, "table": table}
