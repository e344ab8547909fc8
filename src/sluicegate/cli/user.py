"""`sluicegate user`: people, their roles and their groups."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from sluicegate.cli import finding
from sluicegate.cli.ask import secret, sure, usage
from sluicegate.cli.client import connect
from sluicegate.cli.language import language, say
from sluicegate.cli.options import Json, PasswordFile, PasswordStdin, Yes, application
from sluicegate.cli.output import done, emit, show_pairs, show_table
from sluicegate.cli.shapes import Group, Role, User

app = application("user")

Username = Annotated[str, typer.Argument(help=say("help_username"))]
PersonName = Annotated[str | None, typer.Option("--name", help=say("help_user_name"))]
Mobile = Annotated[str | None, typer.Option("--mobile", help=say("help_user_mobile"))]
Email = Annotated[str | None, typer.Option("--email", help=say("help_user_email"))]
Speaks = Annotated[str | None, typer.Option("--language", help=say("help_user_language"))]
DingTalkUserid = Annotated[str | None, typer.Option("--dingtalk-userid", help=say("help_user_dingtalk"))]
RoleOption = Annotated[list[str] | None, typer.Option("--role", help=say("help_user_role"))]
GroupOption = Annotated[list[str] | None, typer.Option("--group", help=say("help_user_group"))]
Generate = Annotated[bool, typer.Option("--generate-password", help=say("help_generate_password"))]


def _profile(
    name: str | None,
    mobile: str | None,
    email: str | None,
    speaks: str | None,
    dingtalk_userid: str | None,
    roles: list[str] | None,
    groups: list[str] | None,
) -> dict[str, object]:
    values = {
        "name": name,
        "mobile": mobile,
        "email": email,
        "language": speaks,
        "dingtalk_userid": dingtalk_userid,
        "roles": roles or None,
        "groups": groups or None,
    }
    return {key: value for key, value in values.items() if value is not None}


def generated_password() -> str:
    return secrets.token_urlsafe(15)


@app.command("add", help=say("help_user_add"))
def add(
    username: Username,
    name: PersonName = None,
    mobile: Mobile = None,
    email: Email = None,
    speaks: Speaks = None,
    dingtalk_userid: DingTalkUserid = None,
    role: RoleOption = None,
    group: GroupOption = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    generate: Generate = False,
    json: Json = False,
) -> None:
    if generate and (password_stdin or password_file or json):
        raise usage("generated_password_alone")
    password = generated_password() if generate else None
    if not generate:
        password = secret("prompt_new_user_password", from_stdin=password_stdin, file=password_file)
    profile = _profile(name, mobile, email, speaks, dingtalk_userid, role, group)
    with connect() as client:
        made = client.create("/users", User, {**profile, "username": username, "password": password})
    emit(made, json, lambda user: done("user_added", username=user.username))
    if generate:
        done("password_once", username=username, password=password)


@app.command("edit", help=say("help_user_edit"))
def edit(
    username: Username,
    name: PersonName = None,
    mobile: Mobile = None,
    email: Email = None,
    speaks: Speaks = None,
    dingtalk_userid: DingTalkUserid = None,
    role: RoleOption = None,
    group: GroupOption = None,
    activate: Annotated[bool, typer.Option("--activate", help=say("help_user_activate"))] = False,
    json: Json = False,
) -> None:
    profile = _profile(name, mobile, email, speaks, dingtalk_userid, role, group)
    if activate:
        profile["is_active"] = True
    if not profile:
        raise usage("nothing_to_change")
    with connect() as client:
        found = finding.user(client, username)
        changed = client.patch(f"/users/{found.id}", User, profile)
    emit(changed, json, lambda user: done("user_changed", username=user.username))


@app.command("list", help=say("help_user_list"))
def list_(
    words: Annotated[str, typer.Option("--words", "-w", help=say("help_user_words"))] = "",
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help=say("help_user_active"), show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    query = {"words": words, "active": active}
    with connect() as client:
        emit(client.get("/users", list[User], query), json, _show_rows)


def _show_rows(users: list[User]) -> None:
    show_table(
        ["username", "name", "roles", "groups", "mobile", "active"],
        [(user.username, user.name, user.roles, user.groups, user.mobile, user.is_active) for user in users],
    )


@app.command("show", help=say("help_user_show"))
def show(username: Username, json: Json = False) -> None:
    with connect() as client:
        emit(finding.user(client, username), json, _show_one)


def _show_one(user: User) -> None:
    show_pairs(
        [
            ("username", user.username),
            ("name", user.name),
            ("roles", user.roles),
            ("groups", user.groups),
            ("mobile", user.mobile),
            ("email", user.email),
            ("dingtalk_userid", user.dingtalk_userid),
            ("active", user.is_active),
        ]
    )


@app.command("password", help=say("help_user_password"))
def password(
    username: Username,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    generate: Generate = False,
) -> None:
    if generate and (password_stdin or password_file):
        raise usage("generated_password_alone")
    new = (
        generated_password()
        if generate
        else secret("prompt_new_password", from_stdin=password_stdin, file=password_file)
    )
    if not new:
        raise usage("password_source_needed")
    with connect() as client:
        found = finding.user(client, username)
        client.order(f"/users/{found.id}/password", {"password": new})
    done("user_password_set", username=username)
    if generate:
        done("password_once", username=username, password=new)


@app.command("deactivate", help=say("help_user_deactivate"))
def deactivate(username: Username, yes: Yes = False, json: Json = False) -> None:
    sure(say("ask_deactivate", username=username), yes=yes)
    with connect() as client:
        found = finding.user(client, username)
        changed = client.patch(f"/users/{found.id}", User, {"is_active": False})
    emit(changed, json, lambda user: done("user_deactivated", username=user.username))


# ---------------------------------------------------------------- roles


@app.command("roles", help=say("help_user_roles"))
def roles(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/roles", list[Role]), json, _show_roles)


def _show_roles(items: list[Role]) -> None:
    show_table(
        ["code", "name", "builtin", "permissions"],
        [
            (item.code, item.name_zh if language() == "zh" else item.name_en, item.builtin, item.permissions)
            for item in items
        ],
    )


@app.command("role-set", help=say("help_user_role_set"))
def role_set(
    code: Annotated[str, typer.Argument(help=say("help_role_code"))],
    name_zh: Annotated[str, typer.Option("--name-zh", help=say("help_name_zh"))],
    name_en: Annotated[str, typer.Option("--name-en", help=say("help_name_en"))],
    permission: Annotated[list[str] | None, typer.Option("--permission", help=say("help_permission"))] = None,
    json: Json = False,
) -> None:
    body = {"code": code, "name_zh": name_zh, "name_en": name_en, "permissions": permission or []}
    with connect() as client:
        emit(client.create("/roles", Role, body), json, lambda role: done("saved", name=role.code))


@app.command("role-delete", help=say("help_user_role_delete"))
def role_delete(code: Annotated[str, typer.Argument(help=say("help_role_code"))], yes: Yes = False) -> None:
    sure(say("ask_delete", name=code), yes=yes)
    with connect() as client:
        client.delete(f"/roles/{finding.quoted(code)}")
    done("deleted", name=code)


# ---------------------------------------------------------------- groups


@app.command("groups", help=say("help_user_groups"))
def groups(json: Json = False) -> None:
    with connect() as client:
        emit(client.get("/groups", list[Group]), json, _show_groups)


def _show_groups(items: list[Group]) -> None:
    show_table(["name", "members", "remark"], [(item.name, item.members, item.remark) for item in items])


@app.command("group-set", help=say("help_user_group_set"))
def group_set(
    name: Annotated[str, typer.Argument(help=say("help_group_name"))],
    member: Annotated[list[str] | None, typer.Option("--member", help=say("help_group_member"))] = None,
    remark: Annotated[str, typer.Option("--remark", help=say("help_group_remark"))] = "",
    json: Json = False,
) -> None:
    body = {"name": name, "remark": remark, "members": member or []}
    with connect() as client:
        emit(client.create("/groups", Group, body), json, lambda group: done("saved", name=group.name))


@app.command("group-delete", help=say("help_user_group_delete"))
def group_delete(name: Annotated[str, typer.Argument(help=say("help_group_name"))], yes: Yes = False) -> None:
    sure(say("ask_delete", name=name), yes=yes)
    with connect() as client:
        client.delete(f"/groups/{finding.group(client, name).id}")
    done("deleted", name=name)
