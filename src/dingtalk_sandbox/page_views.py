"""What the approver's page shows: people, lists of approvals, one approval."""

from __future__ import annotations

from dingtalk_sandbox import page_messages
from dingtalk_sandbox.html import Markup, clock, join, markup
from dingtalk_sandbox.model import (
    SYSTEM_ACTOR,
    FormValue,
    Instance,
    InstanceStatus,
    Record,
    Task,
    TaskResult,
    TaskStatus,
    User,
)
from dingtalk_sandbox.page_text import Words
from dingtalk_sandbox.store import World

_LIST_SIZE = 50


def _name(world: World, userid: str, text: Words) -> str:
    if userid == SYSTEM_ACTOR:
        return text("system")
    user = world.users.get(userid)
    return user.name if user else userid


# --- who are you


def people(world: World, text: Words) -> Markup:
    rows = [_person_row(world, user, text) for user in world.users.values()]
    return markup(
        '<h1>{title}</h1><p class="hint">{hint}</p><ul class="list">{rows}</ul>',
        title=text("who"),
        hint=text("who_hint"),
        rows=join(rows),
    )


def _person_row(world: World, user: User, text: Words) -> Markup:
    departments = [world.departments[dept].name for dept in user.dept_id_list if dept in world.departments]
    where = " · ".join([*departments, user.title])
    if not user.active:
        return markup(
            '<li class="row off"><b>{name}</b><span class="hint">{where} · {left}</span></li>',
            name=user.name,
            where=where,
            left=text("left"),
        )
    count = len(world.waiting_for(user.userid))
    badge = (
        markup('<span class="badge">{label}</span>', label=text("waiting_count", count=count))
        if count
        else ""
    )
    return markup(
        '<li><a class="row" href="/as/{userid}"><span class="head"><b>{name}</b>{badge}</span>'
        '<span class="hint">{where}</span></a></li>',
        userid=user.userid,
        name=user.name,
        where=where,
        badge=badge,
    )


# --- lists


def inbox(world: World, person: User, text: Words) -> Markup:
    pending = world.waiting_for(person.userid)
    newest = list(reversed(world.instances.values()))
    handled = [
        known
        for known in newest
        if any(task.userid == person.userid and task.status is TaskStatus.COMPLETED for task in known.tasks)
    ]
    mine = [known for known in newest if known.originator == person.userid]
    sections = [
        _section(label, chosen[:_LIST_SIZE], person, text)
        for label, chosen in (("pending", pending), ("done", handled), ("mine", mine))
    ]
    return markup(
        '<div class="head"><h1>{name}</h1><a href="/">{switch}</a></div><div id="live">{sections}{messages}</div>',
        name=person.name,
        switch=text("switch"),
        sections=join(sections),
        messages=page_messages.section(world, person, text),
    )


def _section(label: str, chosen: list[Instance], person: User, text: Words) -> Markup:
    rows = [
        markup(
            '<li><a class="row" href="/i/{id}?as={userid}"><span class="head"><b>{title}</b>{badge}</span>'
            '<span class="hint">{summary}</span><span class="hint">{when}</span></a></li>',
            id=instance.instance_id,
            userid=person.userid,
            title=instance.title,
            badge=_badge(instance, text),
            summary=_summary(instance),
            when=clock(instance.created),
        )
        for instance in chosen
    ]
    content = (
        markup('<ul class="list">{rows}</ul>', rows=join(rows))
        if rows
        else markup('<p class="hint">{none}</p>', none=text("none"))
    )
    return markup(
        '<section class="{label}"><h2>{title}</h2>{content}</section>',
        label=label,
        title=text(label),
        content=content,
    )


def _summary(instance: Instance) -> str:
    """The first few controls, as the card on a phone shows them."""
    return " · ".join(f"{value.name}：{value.value[:40]}" for value in instance.values[:3])


def _badge(instance: Instance, text: Words) -> Markup:
    ended = {"agree": "agreed", "refuse": "refused"}
    key = ended[instance.result] if instance.status is InstanceStatus.COMPLETED else instance.status.value
    return markup('<span class="badge {key}">{label}</span>', key=key, label=text(key))


# --- one approval


def detail(world: World, instance: Instance, person: User, text: Words) -> Markup:
    department = world.departments.get(1 if instance.dept_id == -1 else instance.dept_id)
    facts = [
        (text("by"), _name(world, instance.originator, text)),
        (text("department"), department.name if department else ""),
        (text("number"), instance.business_id),
        (text("started"), clock(instance.created)),
    ]
    return markup(
        '<p><a href="/as/{userid}">← {back}</a></p><div class="head"><h1>{title}</h1>{badge}</div>'
        '<dl class="facts">{facts}</dl><dl class="form">{values}</dl>'
        '<h2>{history}</h2><ol class="history">{records}{waiting}</ol>{actions}',
        userid=person.userid,
        back=text("back"),
        title=instance.title,
        badge=_badge(instance, text),
        facts=join([markup("<dt>{key}</dt><dd>{value}</dd>", key=key, value=value) for key, value in facts]),
        values=join([_value(value, text) for value in instance.values]),
        actions=_actions(world, instance, person, text),
        history=text("history"),
        records=join([_record(world, record, text) for record in instance.records]),
        waiting=join([_waiting(world, task, text) for task in instance.tasks if task.live]),
    )


def _value(value: FormValue, text: Words) -> Markup:
    if not value.value:
        shown = markup('<dd class="hint">{empty}</dd>', empty=text("empty"))
    else:
        shown = markup("<dd>{value}</dd>", value=value.value)
    return markup("<dt>{name}</dt>{shown}", name=value.name, shown=shown)


def _record(world: World, record: Record, text: Words) -> Markup:
    what = text(record.type.value)
    if record.result in {TaskResult.AGREE, TaskResult.REFUSE}:
        what = text(record.result.value)
    said = markup("<blockquote>{remark}</blockquote>", remark=record.remark) if record.remark else ""
    return markup(
        '<li><b>{who}</b> {what} <span class="hint">{when}</span>{said}</li>',
        who=_name(world, record.userid, text),
        what=what,
        when=clock(record.date),
        said=said,
    )


def _waiting(world: World, task: Task, text: Words) -> Markup:
    return markup(
        '<li class="waiting">{label} <b>{who}</b></li>',
        label=text("now_with"),
        who=_name(world, task.userid, text),
    )


def _my_task(instance: Instance, person: User) -> Task | None:
    return next(
        (
            task
            for task in instance.tasks
            if task.userid == person.userid and task.status is TaskStatus.RUNNING
        ),
        None,
    )


def _actions(world: World, instance: Instance, person: User, text: Words) -> Markup:
    """What this person can do now, kept at the bottom of the screen as DingTalk keeps it."""
    task = _my_task(instance, person)
    running = instance.status is InstanceStatus.RUNNING
    buttons = [_button("comment", text)]
    more: Markup | str = ""
    if running and instance.originator == person.userid:
        buttons.append(_button("withdraw", text, "", "confirm_withdraw"))
    if running and task is not None:
        buttons += [_button("refuse", text, "refuse", "confirm_refuse"), _button("agree", text, "agree")]
        more = _passing_on(world, person, text)
    return markup(
        '<form class="actions" method="post" action="/i/{id}/act?as={userid}">'
        '<input type="hidden" name="task_id" value="{task_id}">{more}'
        '<textarea name="remark" rows="1" maxlength="1024" aria-label="{remark}" placeholder="{hint}"></textarea>'
        '<div class="buttons">{buttons}</div></form>',
        id=instance.instance_id,
        userid=person.userid,
        task_id=task.task_id if task else "",
        remark=text("remark"),
        hint=text("remark_hint" if task else "comment_hint"),
        buttons=join(buttons),
        more=more,
    )


def _button(action: str, text: Words, css: str = "", confirm: str = "") -> Markup:
    return markup(
        '<button name="action" value="{action}" class="{css}" data-confirm="{confirm}">{label}</button>',
        action=action,
        css=css,
        confirm=text(confirm) if confirm else "",
        label=text(action),
    )


def _passing_on(world: World, person: User, text: Words) -> Markup:
    """Handing over and adding an approver: rare, so folded away."""
    others = [user for user in world.users.values() if user.active and user.userid != person.userid]
    options = [
        markup('<option value="{userid}">{name}</option>', userid=user.userid, name=user.name)
        for user in others
    ]
    return markup(
        "<details><summary>{more}</summary>"
        '<label>{label} <select name="to">{options}</select></label><div class="buttons">{buttons}</div></details>',
        more=text("more"),
        label=text("colleague"),
        options=join(options),
        buttons=join([_button(action, text) for action in ("redirect", "append_before", "append_after")]),
    )
