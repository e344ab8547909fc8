"""Templates (审批表单模板) as DingTalk shows them, and the values a form is filled with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sluicegate.dingtalk.wire import Json, flag, moment, needed, obj, objects, text, texts


@dataclass(frozen=True)
class FormValue:
    """One control's value as it is sent: always text, in the form its type wants (tables: JSON)."""

    title: str
    value: str
    component_type: str = ""
    control_id: str = ""

    def payload(self) -> dict[str, Any]:
        """For ``formComponentValues``; an empty value is sent, a missing one would be refused."""
        optional = {"componentType": self.component_type, "id": self.control_id}
        return {"name": self.title, "value": self.value, **{k: v for k, v in optional.items() if v}}


@dataclass(frozen=True)
class FormControl:
    """One control of a live template. ``children`` are a table's columns."""

    control_id: str
    title: str
    component_type: str
    required: bool = False
    disabled: bool = False
    hidden: bool = False
    options: tuple[str, ...] = ()
    children: tuple[FormControl, ...] = ()

    @classmethod
    def parse(cls, item: Json) -> FormControl:
        """From the schema's nested form, or the flattened one that has been seen too."""
        props = obj(item.get("props") or item)
        return cls(
            control_id=text(props.get("id")) or text(props.get("componentId")),
            title=text(props.get("label")) or text(props.get("name")),
            component_type=text(item.get("componentName")) or text(item.get("componentType")),
            required=flag(props.get("required")),
            disabled=flag(props.get("disabled")),
            hidden=flag(props.get("hidden")),
            options=tuple(_option(option) for option in props.get("options") or ()),
            children=tuple(cls.parse(child) for child in objects(item.get("children"))),
        )


def _option(option: object) -> str:
    return text(obj(option).get("value")) if isinstance(option, dict) else text(option)


@dataclass(frozen=True)
class FormSchema:
    """A template as it is now. ``status`` is ``PUBLISHED``, ``INVALID`` (disabled) or ``SAVED``, or newer."""

    name: str
    status: str
    modified_at: datetime | None
    controls: tuple[FormControl, ...]

    @classmethod
    def parse(cls, body: Json) -> FormSchema:
        found = obj(body.get("result"))
        content = obj(found.get("schemaContent"))
        return cls(
            name=text(found.get("name")) or text(content.get("title")),
            status=text(found.get("status")).upper(),
            modified_at=moment(found.get("gmtModified")),
            controls=tuple(FormControl.parse(item) for item in objects(content.get("items"))),
        )


@dataclass(frozen=True)
class TemplateInfo:
    name: str
    process_code: str
    group: str


@dataclass(frozen=True)
class Page:
    """One page of templates or of instance ids, and the token of the next (empty at the end)."""

    templates: tuple[TemplateInfo, ...]
    instance_ids: tuple[str, ...]
    next_token: str

    @classmethod
    def parse(cls, body: Json) -> Page:
        found = obj(body.get("result"))
        return cls(
            templates=tuple(
                TemplateInfo(
                    name=text(entry.get("name")),
                    process_code=needed(entry.get("processCode")),
                    group=text(entry.get("dirName")),
                )
                for entry in objects(found.get("processList"))
            ),
            instance_ids=texts(found.get("list")),
            next_token=text(found.get("nextToken")),
        )
