"""`sluicegate datasource` and `sluicegate environment`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli import finding
from sluicegate.cli.ask import interactive, secret
from sluicegate.cli.client import Client, connect
from sluicegate.cli.language import say
from sluicegate.cli.options import Json, PasswordFile, PasswordStdin, application
from sluicegate.cli.output import done, emit, heading, show_lines, show_pairs, show_table
from sluicegate.cli.shapes import DataSource, Environment, Table, TableSummary, Tested
from sluicegate.cli.ticket_read import place_name
from sluicegate.core.errors import ConfigurationError

app = application("datasource")
environments = application("environment")

Name = Annotated[str, typer.Argument(help=say("help_datasource_name"))]
Host = Annotated[str | None, typer.Option("--host", help=say("help_datasource_host"))]
Port = Annotated[int | None, typer.Option("--port", help=say("help_datasource_port"))]
Database = Annotated[str | None, typer.Option("--database", "-d", help=say("help_datasource_database"))]
DatabaseUser = Annotated[str | None, typer.Option("--user", "-u", help=say("help_datasource_user"))]
ReviewUser = Annotated[str | None, typer.Option("--review-user", help=say("help_datasource_review_user"))]
ReviewPasswordFile = Annotated[
    Path | None,
    typer.Option("--review-password-file", metavar="PATH", help=say("help_datasource_review_password")),
]
RemarkOption = Annotated[str | None, typer.Option("--remark", help=say("help_datasource_remark"))]
Tag = Annotated[list[str] | None, typer.Option("--tag", help=say("help_datasource_tag"))]
TlsMode = Annotated[str | None, typer.Option("--tls-mode", help=say("help_datasource_tls_mode"))]
TlsCa = Annotated[Path | None, typer.Option("--tls-ca", metavar="PATH", help=say("help_datasource_tls_ca"))]
TlsCertificate = Annotated[
    Path | None,
    typer.Option("--tls-certificate", metavar="PATH", help=say("help_datasource_tls_certificate")),
]
TlsKey = Annotated[
    Path | None, typer.Option("--tls-key", metavar="PATH", help=say("help_datasource_tls_key"))
]
MaxSessions = Annotated[int | None, typer.Option("--max-sessions", help=say("help_datasource_max_sessions"))]
Seconds = Annotated[
    float | None, typer.Option("--statement-seconds", help=say("help_datasource_statement_seconds"))
]
LockWait = Annotated[
    float | None, typer.Option("--lock-wait-seconds", help=say("help_datasource_lock_wait_seconds"))
]
SchemaOption = Annotated[str | None, typer.Option("--schema", help=say("help_schema"))]


@app.command("add", help=say("help_datasource_add"))
def add(
    name: Name,
    dialect: Annotated[str, typer.Option("--dialect", help=say("help_datasource_dialect"))],
    environment: Annotated[str, typer.Option("--environment", "-e", help=say("help_datasource_environment"))],
    host: Host = None,
    port: Port = None,
    database: Database = None,
    user: DatabaseUser = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    review_user: ReviewUser = None,
    review_password_file: ReviewPasswordFile = None,
    remark: RemarkOption = None,
    tag: Tag = None,
    tls_mode: TlsMode = None,
    tls_ca: TlsCa = None,
    tls_certificate: TlsCertificate = None,
    tls_key: TlsKey = None,
    max_sessions: MaxSessions = None,
    statement_seconds: Seconds = None,
    lock_wait_seconds: LockWait = None,
    json: Json = False,
) -> None:
    password = None
    if password_stdin or password_file or user is not None:
        password = secret("prompt_datasource_password", from_stdin=password_stdin, file=password_file)
    body = {
        "name": name,
        "dialect": dialect,
        "environment": environment,
        "host": host,
        "port": port,
        "database": database,
        "user": user,
        "password": password,
        "review_user": review_user,
        "review_password": _review_password(review_user, review_password_file),
        "remark": remark,
        "tags": tag,
        **_tls(tls_mode, tls_ca, tls_certificate, tls_key),
        "max_sessions": max_sessions,
        "statement_seconds": statement_seconds,
        "lock_wait_seconds": lock_wait_seconds,
    }
    with connect() as client:
        made = client.create("/datasources", DataSource, _given(body))
    emit(made, json, lambda item: done("datasource_added", name=item.name))


@app.command("edit", help=say("help_datasource_edit"))
def edit(
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help=say("help_datasource_new_name"))] = None,
    dialect: Annotated[str | None, typer.Option("--dialect", help=say("help_datasource_dialect"))] = None,
    environment: Annotated[
        str | None, typer.Option("--environment", "-e", help=say("help_datasource_environment"))
    ] = None,
    host: Host = None,
    port: Port = None,
    database: Database = None,
    user: DatabaseUser = None,
    password: Annotated[bool, typer.Option("--password", help=say("help_datasource_ask_password"))] = False,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    review_user: ReviewUser = None,
    review_password_file: ReviewPasswordFile = None,
    remark: RemarkOption = None,
    tag: Tag = None,
    tls_mode: TlsMode = None,
    tls_ca: TlsCa = None,
    tls_certificate: TlsCertificate = None,
    tls_key: TlsKey = None,
    max_sessions: MaxSessions = None,
    statement_seconds: Seconds = None,
    lock_wait_seconds: LockWait = None,
    json: Json = False,
) -> None:
    new_password = None
    if password_stdin or password_file or (password and interactive()):
        new_password = secret("prompt_datasource_password", from_stdin=password_stdin, file=password_file)
    body = {
        "name": new_name,
        "dialect": dialect,
        "environment": environment,
        "host": host,
        "port": port,
        "database": database,
        "user": user,
        "password": new_password,
        "review_user": review_user,
        "review_password": _review_password(review_user, review_password_file),
        "remark": remark,
        "tags": tag,
        **_tls(tls_mode, tls_ca, tls_certificate, tls_key),
        "max_sessions": max_sessions,
        "statement_seconds": statement_seconds,
        "lock_wait_seconds": lock_wait_seconds,
    }
    with connect() as client:
        found = finding.datasource(client, name)
        changed = client.patch(f"/datasources/{found.id}", DataSource, _given(body))
    emit(changed, json, lambda item: done("datasource_saved", name=item.name))


def _review_password(user: str | None, file: Path | None) -> str | None:
    """Asked for where an account is named; "" takes the account away, and there is nothing to ask."""
    return secret("prompt_review_password", file=file) if user or file else None


def _given(body: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value is not None}


def _tls(mode: str | None, ca: Path | None, certificate: Path | None, key: Path | None) -> dict[str, object]:
    return {
        "tls_mode": mode,
        "tls_ca": _file(ca),
        "tls_certificate": _file(certificate),
        "tls_key": _file(key),
    }


def _file(path: Path | None) -> str | None:
    try:
        return path.read_text(encoding="ascii") if path else None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("file_unreadable", path=str(path), problem=str(error)) from error


# ---------------------------------------------------------------- reading


@app.command("list", help=say("help_datasource_list"))
def list_(
    words: Annotated[str, typer.Option("--words", "-w", help=say("help_datasource_words"))] = "",
    environment: Annotated[str, typer.Option("--environment", "-e", help=say("help_environment_only"))] = "",
    json: Json = False,
) -> None:
    with connect() as client:
        query = {"words": words, "environment": environment}
        found = client.get("/datasources", list[DataSource], query)
    emit(found, json, _show_rows)


def _show_rows(items: list[DataSource]) -> None:
    show_table(
        ["name", "dialect", "environment", "address", "database", "enabled", "you_can", "remark"],
        [
            (
                item.name,
                item.dialect,
                place_name(item.environment, item.production),
                _address(item),
                item.database,
                item.enabled,
                item.actions,
                item.remark,
            )
            for item in items
        ],
    )


def _address(item: DataSource) -> str:
    return f"{item.host}:{item.port}" if item.host else ""


@app.command("show", help=say("help_datasource_show"))
def show(name: Name, json: Json = False) -> None:
    with connect() as client:
        found = finding.datasource(client, name)
    emit(found, json, _show_one)


def _show_one(item: DataSource) -> None:
    show_pairs(
        [
            ("name", item.name),
            ("remark", item.remark),
            ("dialect", item.dialect),
            ("environment", place_name(item.environment, item.production)),
            ("address", _address(item)),
            ("database", item.database),
            ("user", item.user),
            ("has_password", item.has_password),
            ("review_user", item.review_user),
            ("tls_mode", item.tls_mode),
            ("tags", item.tags),
            ("enabled", item.enabled),
            ("you_can", item.actions),
        ]
    )


@app.command("test", help=say("help_datasource_test"))
def test(name: Name, json: Json = False) -> None:
    with connect() as client:
        found = finding.datasource(client, name)
        result = client.post(f"/datasources/{found.id}/test", Tested)
    emit(result, json, lambda it: _show_tested(name, it))


def _show_tested(name: str, result: Tested) -> None:
    done("datasource_tested", name=name, version=result.version, milliseconds=result.milliseconds)
    if result.review_account:
        done("review_account_tested")


@app.command("enable", help=say("help_datasource_enable"))
def enable(name: Name, json: Json = False) -> None:
    _switch(name, "enable", json)


@app.command("disable", help=say("help_datasource_disable"))
def disable(name: Name, json: Json = False) -> None:
    _switch(name, "disable", json)


def _switch(name: str, way: str, json: bool) -> None:
    with connect() as client:
        found = finding.datasource(client, name)
        changed = client.post(f"/datasources/{found.id}/{way}", DataSource)
    emit(changed, json, lambda item: done(f"datasource_{way}d_done", name=item.name))


@app.command("databases", help=say("help_datasource_databases"))
def databases(name: Name, json: Json = False) -> None:
    with connect() as client:
        found = finding.datasource(client, name)
        emit(client.get(f"/datasources/{found.id}/databases", list[str]), json, show_lines)


@app.command("schemas", help=say("help_datasource_schemas"))
def schemas(name: Name, database: Database = None, json: Json = False) -> None:
    with connect() as client:
        found = finding.datasource(client, name)
        path = f"/datasources/{found.id}/schemas"
        emit(client.get(path, list[str], {"database": database}), json, show_lines)


@app.command("tables", help=say("help_datasource_tables"))
def tables(name: Name, database: Database = None, schema: SchemaOption = None, json: Json = False) -> None:
    with connect() as client:
        found = finding.datasource(client, name)
        query = {"database": database, "schema": schema}
        items = client.get(f"/datasources/{found.id}/tables", list[TableSummary], query)
    emit(items, json, _show_tables)


def _show_tables(items: list[TableSummary]) -> None:
    show_table(
        ["schema", "name", "type", "rows", "bytes", "comment"],
        [(item.schema_, item.name, item.type, item.rows, item.size_bytes, item.comment) for item in items],
    )


@app.command("table", help=say("help_datasource_table"))
def table(
    name: Name,
    table_name: Annotated[str, typer.Argument(metavar="TABLE", help=say("help_table_name"))],
    database: Database = None,
    schema: SchemaOption = None,
    json: Json = False,
) -> None:
    with connect() as client:
        found = finding.datasource(client, name)
        emit(_table(client, found.id, table_name, database, schema), json, _show_table)


def _table(client: Client, source: int, name: str, database: str | None, schema: str | None) -> Table:
    path = f"/datasources/{source}/tables/{finding.quoted(name)}"
    return client.get(path, Table, {"database": database, "schema": schema})


def _show_table(item: Table) -> None:
    _show_tables([item])
    heading("heading_columns")
    show_table(
        ["name", "type", "nullable", "default", "comment"],
        [(each.name, each.type, each.nullable, each.default, each.comment) for each in item.columns],
    )
    if item.indexes:
        heading("heading_indexes")
        show_table(
            ["name", "columns", "unique", "primary"],
            [(each.name, each.columns, each.unique, each.primary) for each in item.indexes],
        )


# ---------------------------------------------------------------- environments


@environments.command("list", help=say("help_environment_list"))
def list_environments(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/environments", list[Environment]), json, _show_environments)


def _show_environments(items: list[Environment]) -> None:
    show_table(
        ["code", "name_zh", "name_en", "position", "production"],
        [(item.code, item.name_zh, item.name_en, item.position, item.production) for item in items],
    )


@environments.command("add", help=say("help_environment_add"))
def add_environment(
    code: Annotated[str, typer.Argument(help=say("help_environment_code"))],
    name_zh: Annotated[str, typer.Option("--name-zh", help=say("help_name_zh"))],
    name_en: Annotated[str, typer.Option("--name-en", help=say("help_name_en"))],
    position: Annotated[int, typer.Option("--position", help=say("help_environment_position"))] = 50,
    production: Annotated[
        bool, typer.Option("--production", help=say("help_environment_production"))
    ] = False,
    json: Json = False,
) -> None:
    body = {
        "code": code,
        "name_zh": name_zh,
        "name_en": name_en,
        "position": position,
        "production": production,
    }
    with connect() as client:
        made = client.create("/environments", Environment, body)
    emit(made, json, lambda item: done("saved", name=item.code))
