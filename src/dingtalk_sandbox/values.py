"""What is submitted in a form: is it what the template's controls take (section 3.5)?"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from dingtalk_sandbox import errors
from dingtalk_sandbox.errors import Refusal, missing
from dingtalk_sandbox.model import Control, FormValue
from dingtalk_sandbox.wire import BadField, Fields

MAX_VALUES = 150
MAX_LENGTH = 65_535
REALISTIC_LENGTHS = {"TextField": 1000, "TextareaField": 8000}
_DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_JSON_LISTS = frozenset(
    {"DDMultiSelectField", "InnerContactField", "DDPhotoField", "DDAttachment", "RelateField"}
)


@dataclass(frozen=True, slots=True)
class Strictness:
    """``strict`` checks names, required controls and formats; ``lengths`` the old docs' limits too."""

    strict: bool = True
    lengths: bool = False


def parse_values(
    given: list[Fields], controls: tuple[Control, ...], how: Strictness
) -> tuple[FormValue, ...]:
    """The values in the order sent. Raises Refusal as DingTalk does, or as we decided it does [?]."""
    if len(given) > MAX_VALUES:
        raise Refusal(errors.ILLEGAL_COMPONENT)
    found: dict[str, FormValue] = {}
    failed: list[str] = []
    for item in given:
        name = _name(item)
        control = _control(item, name, controls)
        if control is None and how.strict:
            raise Refusal(errors.START_SYSTEM_ERROR)
        value = _form_value(item, name, control)
        found[control.id if control else name] = value
        if _too_long(value, how) or (how.strict and control and not _fits(control, value.value)):
            failed.append(name)
    if how.strict:
        failed += [
            control.label
            for control in controls
            if control.required and (control.id not in found or not found[control.id].value)
        ]
    if failed:
        raise Refusal(errors.form_converter(failed))
    return tuple(_as_read(value) for value in found.values())


def _name(item: Fields) -> str:
    name = item.text("name")
    if not name and not item.text("id") and not item.text("bizAlias"):
        raise Refusal(missing("name"))
    return name


def _control(item: Fields, name: str, controls: tuple[Control, ...]) -> Control | None:
    """By id or alias where the caller gives one, otherwise by title."""
    for field, key in (("id", item.text("id")), ("biz_alias", item.text("bizAlias")), ("label", name)):
        if key:
            return next((control for control in controls if getattr(control, field) == key), None)
    return None


def _form_value(item: Fields, name: str, control: Control | None) -> FormValue:
    try:
        value, ext_value = item.raw_text("value"), item.raw_text("extValue")
    except BadField as error:
        raise Refusal(errors.ILLEGAL_COMPONENT) from error
    if value is None:
        raise Refusal(missing("value"))
    return FormValue(
        id=control.id if control else item.text("id"),
        name=name or (control.label if control else ""),
        value=value,
        ext_value=ext_value or "",
        component_type=control.component_type if control else item.text("componentType", "TextField"),
        biz_alias=control.biz_alias if control else item.text("bizAlias"),
    )


def _too_long(value: FormValue, how: Strictness) -> bool:
    limit = REALISTIC_LENGTHS.get(value.component_type, MAX_LENGTH) if how.lengths else MAX_LENGTH
    return len(value.value) > limit or len(value.ext_value) > MAX_LENGTH


def _fits(control: Control, value: str) -> bool:
    if not value:
        return True
    kind = control.component_type
    if kind in {"NumberField", "MoneyField"}:
        return _NUMBER.fullmatch(value) is not None
    if kind == "DDDateField":
        return _is_date(value)
    if kind == "DDSelectField":
        return not control.options or value in control.options
    if kind == "DDDateRangeField":
        return _range_fits(value)
    if kind == "TableField":
        return _table_fits(control, value)
    if kind in _JSON_LISTS:
        return _list_fits(control, value)
    return True


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return False
    for format_ in _DATE_FORMATS:
        try:
            datetime.strptime(value, format_)  # noqa: DTZ007  only the shape is of interest
        except ValueError:
            continue
        return True
    return False


def _json_list(value: str) -> list[object] | None:
    try:
        parsed = json.loads(value)
    except ValueError:
        return None
    return parsed if isinstance(parsed, list) else None


def _range_fits(value: str) -> bool:
    parsed = _json_list(value)
    return parsed is not None and len(parsed) >= 2 and all(_is_date(item) for item in parsed[:2])


def _list_fits(control: Control, value: str) -> bool:
    parsed = _json_list(value)
    if parsed is None:
        return False
    return control.component_type != "DDMultiSelectField" or all(
        not control.options or item in control.options for item in parsed
    )


def _rows(value: str) -> list[list[dict[str, object]]] | None:
    """A table as it is written: a list of rows, each a list of ``{name, value}``."""
    rows = _json_list(value)
    if rows is None:
        return None
    for row in rows:
        if not isinstance(row, list) or not all(isinstance(cell, dict) and "name" in cell for cell in row):
            return None
    return [list(row) for row in rows if isinstance(row, list)]


def _table_fits(control: Control, value: str) -> bool:
    """A table of the wrong shape is a system error to DingTalk [C]; unknown columns we refuse alike [?]."""
    rows = _rows(value)
    columns = {child.label for child in control.children}
    if rows is None or any(cell["name"] not in columns for row in rows for cell in row):
        raise Refusal(errors.START_SYSTEM_ERROR)
    return True


def _as_read(value: FormValue) -> FormValue:
    """A table is read back in another format than it is written in."""
    if value.component_type != "TableField" or not value.value:
        return value
    rows = _rows(value.value)
    if rows is None:
        return value
    read = [
        {
            "rowValue": [
                {"label": cell["name"], "key": cell.get("id", cell["name"]), "value": cell.get("value", "")}
                for cell in row
            ],
            "rowNumber": f"TableField_ROW_{number}",
        }
        for number, row in enumerate(rows, 1)
    ]
    return FormValue(
        id=value.id,
        name=value.name,
        value=json.dumps(read, ensure_ascii=False),
        ext_value=value.ext_value,
        component_type=value.component_type,
        biz_alias=value.biz_alias,
    )
