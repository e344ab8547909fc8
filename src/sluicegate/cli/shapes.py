"""The API's answers as far as the commands read them.

Fields that are not listed are kept, so that `--json` shows everything the service said.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)


class Reason(Shape):
    code: str
    text: str


class Person(Shape):
    id: int
    username: str
    name: str


class User(Person):
    mobile: str
    email: str
    language: str
    dingtalk_userid: str
    is_active: bool
    roles: list[str]
    groups: list[str]


class Me(User):
    permissions: list[str]


class Role(Shape):
    code: str
    name_zh: str
    name_en: str
    permissions: list[str]
    builtin: bool


class Group(Shape):
    id: int
    name: str
    remark: str
    members: list[str]


class Token(Shape):
    id: int
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewToken(Token):
    token: str = Field(repr=False)


class Environment(Shape):
    code: str
    name_zh: str
    name_en: str
    position: int
    production: bool


class DataSourceRef(Shape):
    id: int
    name: str
    dialect: str
    environment: str
    production: bool


class DataSource(DataSourceRef):
    remark: str
    host: str
    port: int
    database: str
    user: str
    has_password: bool
    review_user: str
    tls_mode: str
    tags: list[str]
    enabled: bool
    actions: list[str]


class Tested(Shape):
    version: str
    milliseconds: int
    review_account: bool


class TableSummary(Shape):
    schema_: str | None = Field(alias="schema")
    name: str
    type: str
    rows: int | None
    size_bytes: int | None
    comment: str


class Column(Shape):
    name: str
    type: str
    nullable: bool
    default: str | None
    comment: str


class Index(Shape):
    name: str
    columns: list[str]
    unique: bool
    primary: bool


class Table(TableSummary):
    columns: list[Column]
    indexes: list[Index]


class Grant(Shape):
    id: int
    username: str | None
    group: str | None
    actions: list[str]
    datasource: str | None
    environment: str | None
    database: str
    schema_: str = Field(alias="schema")
    table: str
    valid_until: datetime | None
    live: bool
    reason: str
    ticket: str


class Level(Shape):
    name: str
    mode: str
    roles: list[str]
    users: list[str]


class Flow(Shape):
    id: int
    provider: str
    environment: str
    kind: str
    levels: list[Level]
    template_name: str
    process_code: str
    preset: str
    execute_automatically: bool


class DingTalk(Shape):
    connected: bool
    app_key: str
    corp_id: str
    agent_id: str
    stream_state: str
    callback: bool


class Candidate(Shape):
    user: str
    name: str


class Choice(Shape):
    """A node whose approvers the submitter names; no candidates: anybody."""

    node: str
    required: bool
    several: bool
    candidates: list[Candidate]


class FormDifference(Shape):
    title: str
    text: str


class Form(Shape):
    """``status`` is ready, differs or missing."""

    kind: str
    name: str
    preset: str
    process_code: str
    status: str
    differences: list[FormDifference]
    created: bool


class Template(Shape):
    name: str
    process_code: str
    group: str


class Subscription(Shape):
    path: str
    token: str
    aes_key: str


class Quota(Shape):
    month: str
    plan: str
    calls: int
    call_limit: int
    events: int
    event_limit: int
    exhausted: bool
    status: str


class Check(Shape):
    """``status`` is pass, warn or fail."""

    name: str
    status: str
    text: str
    advice: str


class DirectoryConflict(Shape):
    code: str
    text: str


class Directory(Shape):
    """What the last reading of DingTalk's people and departments came to."""

    sync_hourly: bool
    end_leavers: bool
    synced_at: datetime | None
    departments: int
    people: int
    linked: list[str]
    left: list[str]
    ended: list[str]
    conflicts: list[DirectoryConflict]


class Department(Shape):
    department_id: int
    name: str
    default: bool


class Preview(Shape):
    """``confirmation`` is empty while something essential fails."""

    checks: list[Check]
    confirmation: str


class AuditEntry(Shape):
    sequence: int
    at: datetime
    actor: str
    action: str
    object_type: str
    object_id: str
    data: dict[str, Any]


# ---------------------------------------------------------------- tickets


class TicketRow(Shape):
    number: str
    kind: str
    title: str
    state: str
    state_text: str
    submitter: Person
    environment: str
    production: bool
    created_at: datetime


class TicketPage(Shape):
    tickets: list[TicketRow]
    next: int | None


class Review(Shape):
    """``estimated_rows`` None means unknown, which is not 0."""

    verdict: str
    statements: int
    flagged: int
    denied: int
    estimated_rows: int | None
    unknown_estimates: int


class Execution(Shape):
    state: str
    statements: int
    applied: int
    affected_rows: int
    error: Reason | None


class Target(Shape):
    position: int
    datasource: DataSourceRef
    database: str
    schema_: str = Field(alias="schema")
    review: Review | None
    execution: Execution | None


class Step(Shape):
    node: str
    name: str
    decision: str
    remark: str
    at: datetime | None


class Approval(Shape):
    provider: str
    state: str
    link: str
    steps: list[Step]
    problem: Reason | None
    held: Reason | None


class Event(Shape):
    at: datetime
    type: str
    text: str
    actor: str


class Comment(Shape):
    id: int
    author: Person
    text: str
    at: datetime


class Revision(Shape):
    count_exactly: bool


class Ticket(TicketRow):
    remark: str
    reason: Reason | None
    revision: int
    sha256: str
    script_bytes: int | None
    filename: str
    access: dict[str, Any] | None
    run_at: datetime | None
    expires_at: datetime | None
    confirmed_by: Person | None
    copied_from: str | None
    undo_of: str | None
    undos: list[str]
    revisions: list[Revision]
    targets: list[Target]
    approval: Approval | None
    events: list[Event]
    comments: list[Comment]
    actions: list[str]


class Waiver(Shape):
    by: str
    reason: str
    text: str


class Finding(Shape):
    rule: str
    code: str
    severity: str
    message: str
    line: int
    waiver: Waiver | None = None


class Impact(Shape):
    text: str


class Statement(Shape):
    ordinal: int
    line: int
    text: str
    verdict: str
    findings: list[Finding]
    estimated_rows: int | None
    estimate_reason: str
    estimate_exact: bool = False
    share: float | None = None
    impact: Impact | None = None
    undo_reason: str
    outcome: str
    affected_rows: int | None
    milliseconds: int | None
    warnings: list[str]
    error: Reason | None
    server_error: str


class StatementPage(Shape):
    statements: list[Statement]
    next: int | None


class Progress(Shape):
    position: int
    state: str
    done: int
    total: int


class Snapshot(Shape):
    """One event of the live stream."""

    number: str
    state: str
    final: bool
    targets: list[Progress]


# ---------------------------------------------------------------- notifications


class Notification(Shape):
    """``body`` and ``url`` only where one is shown by itself."""

    id: int
    kind: str
    channel: str
    ticket: str
    recipient: Person | None
    title: str
    state: str
    delivered: bool
    attempts: int
    resends: int
    problem: Reason | None
    created_at: datetime
    sent_at: datetime | None
    next_attempt_at: datetime | None
    body: str = ""
    url: str = ""


class NotificationPage(Shape):
    notifications: list[Notification]
    next: int | None


class NotificationSettings(Shape):
    work: list[str]
    robot: list[str]
    robot_set: bool
    url: str
