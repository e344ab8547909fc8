"""Forms: filling a contract with a ticket's facts, and all else one does with a contract.

Control titles are what DingTalk matches values by. So before each submission: ``compare`` the contract with the
live template's schema, ``bind`` it, ``fill`` it, and start the instance with the result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from sluicegate.core.errors import InvalidInput
from sluicegate.dingtalk.comparison import Difference, DifferenceKind, bind, compare
from sluicegate.dingtalk.contracts import (
    MULTI_LINE,
    NUMBER,
    TABLE,
    ControlSpec,
    FieldKey,
    FieldValue,
    FormContract,
    contract_from_mapping,
    form_components,
)
from sluicegate.dingtalk.cutting import Limits, Source, cut, units
from sluicegate.dingtalk.references import Reference, find_reference, ticket_reference
from sluicegate.dingtalk.templates import FormValue

__all__ = [
    "ControlSpec",
    "Difference",
    "DifferenceKind",
    "FieldKey",
    "FieldValue",
    "FormContract",
    "FormValue",
    "Limits",
    "Reference",
    "Source",
    "bind",
    "changed_titles",
    "compare",
    "contract_from_mapping",
    "fill",
    "find_reference",
    "form_components",
    "ticket_reference",
]

_EMPTY_BUT_REQUIRED = "-"


def fill(
    contract: FormContract,
    values: Mapping[FieldKey, FieldValue],
    *,
    limits: Limits,
    source: Source,
    reference: Reference,
) -> list[FormValue]:
    """The values to send, one for each control in the contract's order.

    Texts too long are cut with a tail that says so; the reference stands whole at the end of the remark. A fact
    that is missing is sent empty. A number control takes only a number: any other text of it (an unknown
    estimate, and why) goes to the remark instead, so that nothing is lost.
    """
    given = dict(values)
    moved = _texts_for_numbers(contract, given)
    if moved:
        remark = given.get(FieldKey.REMARK, "")
        given[FieldKey.REMARK] = "\n".join([remark, *moved] if isinstance(remark, str) and remark else moved)
    return [
        _filled(control, given.get(control.key, ""), limits, source, reference)
        for control in contract.controls
    ]


def _texts_for_numbers(contract: FormContract, given: dict[FieldKey, FieldValue]) -> list[str]:
    """Takes texts out of number controls; returns them as lines for the remark."""
    moved = []
    for control in contract.controls:
        value = given.get(control.key, "")
        if control.types[0] == NUMBER and isinstance(value, str) and value and not _is_number(value):
            moved.append(f"{control.title}: {value}")
            given[control.key] = ""
    return moved


def _is_number(value: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", value, re.ASCII) is not None


def _filled(
    control: ControlSpec, value: FieldValue, limits: Limits, source: Source, reference: Reference
) -> FormValue:
    if not control.filled:
        content = ""
    elif control.types[0] == TABLE:
        content = _table(control, value, limits, source)
    elif not isinstance(value, str):
        raise InvalidInput("dingtalk_form_value_not_text", title=control.title)
    else:
        mark = str(reference) if control.key is FieldKey.REMARK else ""
        content = _text_value(control, value, limits, source, mark)
    return FormValue(control.title, content, control.types[0], control.control_id)


def _text_value(control: ControlSpec, value: str, limits: Limits, source: Source, mark: str = "") -> str:
    multi_line = control.types[0] == MULTI_LINE
    limit = limits.multi_line if multi_line else limits.single_line
    shown = "\r\n".join(value.splitlines()) if multi_line else " ".join(value.split())
    if mark:
        separator = "\r\n" if multi_line else " "
        rest = cut(shown, limit - units(mark) - len(separator), source)
        return f"{rest}{separator}{mark}" if rest else mark
    return cut(shown, limit, source) or (_EMPTY_BUT_REQUIRED if control.required else "")


def _table(control: ControlSpec, value: FieldValue, limits: Limits, source: Source) -> str:
    """Rows as DingTalk wants them written, by the columns' titles (reading gives another form)."""
    if isinstance(value, str):
        if value:
            raise InvalidInput("dingtalk_form_value_not_rows", title=control.title)
        value = ()
    rows = [
        [
            {"name": c.title, "value": _text_value(c, row.get(c.key, ""), limits, source)}
            for c in control.columns
        ]
        for row in value
    ]
    return json.dumps(rows, ensure_ascii=False) if rows else ""


def changed_titles(sent: Sequence[FormValue], found: Mapping[str, str]) -> tuple[str, ...]:
    """The controls we filled whose value in the instance is another now: somebody edited the form.

    Line ends don't count, and neither do tables, which are read in another form than they are written.
    """
    compared = (value for value in sent if value.value and value.component_type != TABLE)
    return tuple(
        value.title for value in compared if _lines(found.get(value.title, "")) != _lines(value.value)
    )


def _lines(value: str) -> list[str]:
    return value.rstrip().splitlines()
