"""Data sources, their environments, and what is in them."""

from __future__ import annotations

from typing import Annotated

from ninja import Field, Query, Router, Schema

from sluicegate.accounts.access import access_of
from sluicegate.accounts.permissions import Action
from sluicegate.datasources import services, sessions
from sluicegate.datasources.models import DataSource, Environment
from sluicegate.datasources.services import DataSourceFields
from sluicegate.dialects import registry
from sluicegate.dialects.base import Table, TableSummary
from sluicegate.web.auth import Request
from sluicegate.web.idempotency import once
from sluicegate.web.problems import PROBLEMS

router = Router()


class DialectOut(Schema):
    code: str
    label: str
    default_port: int | None
    has_databases: bool
    has_schemas: bool
    file_based: bool
    transactional_ddl: bool
    tested_against: str


class EnvironmentOut(Schema):
    code: str
    name_zh: str
    name_en: str
    position: int
    production: bool


class DataSourceIn(Schema):
    """Fields left out stay as they are. ``password``, ``review_password`` and ``tls_key`` are never given
    back. ``review_user``: the account that plans and counts are asked as; "" for none."""

    name: str | None = Field(None, max_length=80)
    remark: str | None = Field(None, max_length=200)
    dialect: str | None = None
    host: str | None = Field(None, max_length=255)
    port: int | None = None
    database: str | None = Field(None, max_length=512)
    user: str | None = Field(None, max_length=128)
    password: str | None = Field(None, max_length=1000)
    review_user: str | None = Field(None, max_length=128)
    review_password: str | None = Field(None, max_length=1000)
    tls_mode: str | None = None
    tls_ca: str | None = None
    tls_certificate: str | None = None
    tls_key: str | None = None
    environment: str | None = None
    tags: list[str] | None = None
    max_sessions: int | None = None
    connect_seconds: float | None = None
    statement_seconds: float | None = None
    review_seconds: float | None = None
    lock_wait_seconds: float | None = None
    marker_place: str | None = None


class DataSourceRef(Schema):
    id: int
    name: str
    dialect: str
    environment: str
    production: bool


class DataSourceOut(DataSourceRef):
    remark: str
    host: str
    port: int
    database: str
    user: str
    has_password: bool
    review_user: str
    has_review_password: bool
    tls_mode: str
    has_tls_key: bool
    tags: list[str]
    max_sessions: int
    connect_seconds: float
    statement_seconds: float
    review_seconds: float
    lock_wait_seconds: float
    marker_place: str
    enabled: bool
    revision: int
    actions: list[str]


class TestOut(Schema):
    version: str
    milliseconds: int
    review_account: bool


class TableSummaryOut(Schema):
    schema_: str | None = Field(serialization_alias="schema")
    name: str
    type: str
    rows: int | None
    size_bytes: int | None
    comment: str


class ColumnOut(Schema):
    name: str
    type: str
    nullable: bool
    default: str | None
    comment: str
    generated: bool


class IndexOut(Schema):
    name: str
    columns: list[str]
    unique: bool
    primary: bool


class TableOut(TableSummaryOut):
    columns: list[ColumnOut]
    indexes: list[IndexOut]


def datasource_ref(item: DataSource) -> DataSourceRef:
    return DataSourceRef(
        id=item.pk,
        name=item.name,
        dialect=item.dialect,
        environment=item.environment.code,
        production=item.environment.production,
    )


def _datasource(request: Request, item: DataSource) -> DataSourceOut:
    access = access_of(request.auth)
    return DataSourceOut(
        **datasource_ref(item).model_dump(),
        remark=item.remark,
        host=item.host,
        port=item.port,
        database=item.database,
        user=item.user,
        has_password=bool(item.sealed_password),
        review_user=item.review_user,
        has_review_password=bool(item.sealed_review_password),
        tls_mode=item.tls_mode,
        has_tls_key=bool(item.sealed_tls_key),
        tags=item.tags,
        max_sessions=item.max_sessions,
        connect_seconds=item.connect_seconds,
        statement_seconds=item.statement_seconds,
        review_seconds=item.review_seconds,
        lock_wait_seconds=item.lock_wait_seconds,
        marker_place=item.marker_place,
        enabled=item.enabled,
        revision=item.revision,
        actions=[
            action.value
            for action in Action
            if access.allows_somewhere(action, services.place(item, item.database or None))
            or (action is Action.SEE and access.allows(action, services.place(item)))
        ],
    )


def _summary(item: TableSummary) -> TableSummaryOut:
    return TableSummaryOut(
        schema_=item.schema,
        name=item.name,
        type=item.type,
        rows=item.rows,
        size_bytes=item.size_bytes,
        comment=item.comment,
    )


def _table(item: Table) -> TableOut:
    return TableOut(
        **_summary(item.summary).model_dump(),
        columns=[
            ColumnOut(
                name=column.name,
                type=column.type,
                nullable=column.nullable,
                default=column.default,
                comment=column.comment,
                generated=column.generated,
            )
            for column in item.columns
        ],
        indexes=[
            IndexOut(name=index.name, columns=list(index.columns), unique=index.unique, primary=index.primary)
            for index in item.indexes
        ],
    )


@router.get("/dialects", response={200: list[DialectOut], **PROBLEMS})
def list_dialects(request: Request) -> list[DialectOut]:  # noqa: ARG001
    """What a data source can be; dialects that are only analysed are left out."""
    return [
        DialectOut(
            code=dialect.code,
            label=dialect.label,
            default_port=dialect.features.default_port,
            has_databases=dialect.features.has_databases,
            has_schemas=dialect.features.has_schemas,
            file_based=dialect.features.file_based,
            transactional_ddl=dialect.features.transactional_ddl,
            tested_against=dialect.features.tested_against,
        )
        for dialect in registry.all_dialects()
        if dialect.features.connects
    ]


def _environment(item: Environment) -> EnvironmentOut:
    return EnvironmentOut(
        code=item.code,
        name_zh=item.name_zh,
        name_en=item.name_en,
        position=item.position,
        production=item.production,
    )


@router.get("/environments", response={200: list[EnvironmentOut], **PROBLEMS})
def list_environments(request: Request) -> list[EnvironmentOut]:  # noqa: ARG001
    return [_environment(item) for item in Environment.objects.order_by("position", "code")]


@router.post("/environments", response={201: EnvironmentOut, **PROBLEMS})
def save_environment(request: Request, payload: EnvironmentOut) -> tuple[int, EnvironmentOut]:
    """Create an environment, or change the one with this code."""
    return 201, once(
        request,
        EnvironmentOut,
        lambda: _environment(services.save_environment(by=request.auth, **payload.model_dump())),
    )


@router.get("/datasources", response={200: list[DataSourceOut], **PROBLEMS})
def list_datasources(request: Request, words: str = "", environment: str = "") -> list[DataSourceOut]:
    """The data sources one may see, by name."""
    found = services.visible_to(request.auth)
    return [
        _datasource(request, item)
        for item in found
        if words.lower() in f"{item.name} {item.remark} {' '.join(item.tags)}".lower()
        and environment in ("", item.environment.code)
    ]


@router.post("/datasources", response={201: DataSourceOut, **PROBLEMS})
def register_datasource(request: Request, payload: DataSourceIn) -> tuple[int, DataSourceOut]:
    values = DataSourceFields(**payload.model_dump())
    return 201, once(
        request,
        DataSourceOut,
        lambda: _datasource(request, services.register_datasource(by=request.auth, values=values)),
    )


@router.get("/datasources/{datasource_id}", response={200: DataSourceOut, **PROBLEMS})
def show_datasource(request: Request, datasource_id: int) -> DataSourceOut:
    return _datasource(request, services.visible_datasource(request.auth, datasource_id))


@router.patch("/datasources/{datasource_id}", response={200: DataSourceOut, **PROBLEMS})
def edit_datasource(request: Request, datasource_id: int, payload: DataSourceIn) -> DataSourceOut:
    values = DataSourceFields(**payload.model_dump())
    services.edit_datasource(by=request.auth, datasource_id=datasource_id, values=values)
    return _datasource(request, services.visible_datasource(request.auth, datasource_id))


@router.post("/datasources/{datasource_id}/enable", response={200: DataSourceOut, **PROBLEMS})
def enable_datasource(request: Request, datasource_id: int) -> DataSourceOut:
    services.set_datasource_enabled(by=request.auth, datasource_id=datasource_id, enabled=True)
    return _datasource(request, services.visible_datasource(request.auth, datasource_id))


@router.post("/datasources/{datasource_id}/disable", response={200: DataSourceOut, **PROBLEMS})
def disable_datasource(request: Request, datasource_id: int) -> DataSourceOut:
    services.set_datasource_enabled(by=request.auth, datasource_id=datasource_id, enabled=False)
    return _datasource(request, services.visible_datasource(request.auth, datasource_id))


@router.post("/datasources/{datasource_id}/test", response={200: TestOut, **PROBLEMS})
def test_datasource(request: Request, datasource_id: int) -> TestOut:
    """Connect as an execution would, and as a review would where it has an account of its own."""
    result = sessions.test_datasource(by=request.auth, datasource_id=datasource_id)
    return TestOut(
        version=result.version, milliseconds=result.milliseconds, review_account=result.review_account
    )


@router.get("/datasources/{datasource_id}/databases", response={200: list[str], **PROBLEMS})
def list_databases(request: Request, datasource_id: int) -> list[str]:
    return list(sessions.list_databases(by=request.auth, datasource_id=datasource_id))


@router.get("/datasources/{datasource_id}/schemas", response={200: list[str], **PROBLEMS})
def list_schemas(request: Request, datasource_id: int, database: str | None = None) -> list[str]:
    return list(sessions.list_schemas(by=request.auth, datasource_id=datasource_id, database=database))


@router.get(
    "/datasources/{datasource_id}/tables", response={200: list[TableSummaryOut], **PROBLEMS}, by_alias=True
)
def list_tables(
    request: Request,
    datasource_id: int,
    database: str | None = None,
    schema_name: Annotated[str | None, Query(alias="schema")] = None,
) -> list[TableSummaryOut]:
    found = sessions.list_tables(
        by=request.auth, datasource_id=datasource_id, database=database, schema=schema_name
    )
    return [_summary(item) for item in found]


@router.get(
    "/datasources/{datasource_id}/tables/{table}", response={200: TableOut, **PROBLEMS}, by_alias=True
)
def describe_table(
    request: Request,
    datasource_id: int,
    table: str,
    database: str | None = None,
    schema_name: Annotated[str | None, Query(alias="schema")] = None,
) -> TableOut:
    found = sessions.describe_table(
        by=request.auth, datasource_id=datasource_id, database=database, schema=schema_name, table=table
    )
    return _table(found)
