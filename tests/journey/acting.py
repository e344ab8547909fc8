"""Steps that many journeys take, with built-in approval (every environment but prod)."""

from __future__ import annotations

import itertools
import os

from tests.journey.installation import PASSWORD, Api, Company, Json
from tests.journey.target import SqliteTarget, Target

_count = itertools.count(1)


def unique(name: str) -> str:
    return f"{name}-{os.getpid()}-{next(_count)}"


def shop(company: Company) -> Target:
    """A SQLite data source outside production."""
    return SqliteTarget(company, "dev")


def person(company: Company, *roles: str, **fields: object) -> tuple[Api, str]:
    """Somebody new: their client and their username."""
    username = unique("person")
    body = {"username": username, "name": username, "roles": list(roles), "password": PASSWORD, **fields}
    company.admin.post("/users", body)
    return company.installation.sign_in(username), username


def grant(company: Company, username: str, actions: list[str], **scope: object) -> Json:
    body = {"username": username, "actions": actions, **scope}
    return company.admin.post("/grants", body)  # type: ignore[no-any-return]


def approved(company: Company, target: Target, sql: str, kind: str = "data_change") -> str:
    """A ticket of the developer's that the lead agreed to."""
    number = company.developer.submit(target.datasource, sql, kind)
    company.developer.wait(number, "awaiting_approval")
    company.lead.post(f"/tickets/{number}/approve")
    company.developer.wait(number, "approved")
    return number


def executed(company: Company, number: str, *states: str) -> Json:
    """The ticket after its execution."""
    company.dba.post(f"/tickets/{number}/confirm")
    return company.developer.wait(number, *(states or ("succeeded",)))


def denied(api: Api, number: str) -> dict[int, list[str]]:
    """The codes of the findings of every denied statement, by ordinal, once the review has failed."""
    api.wait(number, "review_failed")
    return {
        statement["ordinal"]: [finding["code"] for finding in statement["findings"]]
        for statement in api.statements(number)
        if statement["verdict"] == "deny"
    }
