"""The form contract: which of a ticket's facts goes into which control of the approval template.

A contract is data (``form_presets``, or a mapping of one's own). Control titles are what DingTalk matches values
by, so before each submission the contract is compared with the live template's schema, and bound to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sluicegate.core.errors import InvalidInput
from sluicegate.dingtalk.cutting import Limits, Source, cut, units
from sluicegate.dingtalk.references import Reference
from sluicegate.dingtalk.templates import FormControl, FormSchema, FormValue

SINGLE_LINE = "TextField"
MULTI_LINE = "TextareaField"
NUMBER = "NumberField"
TABLE = "TableField"

LONGEST_TITLE = 20
_EMPTY_BUT_REQUIRED = "-"


class FieldKey(StrEnum):
    """A fact of a ticket that a control can show."""

    TICKET_KIND = "ticket_kind"
    TITLE = "title"
    REMARK = "remark"
    DATASOURCE = "datasource"
    DATASOURCE_INFO = "datasource_info"
    DIALECT = "dialect"
    DATABASE = "database"
    ESTIMATED_ROWS = "estimated_rows"
    STATEMENT_COUNT = "statement_count"
    FINDINGS_SUMMARY = "findings_summary"
    SQL = "sql"
    ROLLBACK_SQL = "rollback_sql"
    OPINION = "opinion"
    REQUESTED_ACCESS = "requested_access"
    ACCESS_DATASOURCE = "access_datasource"
    ACCESS_PATH = "access_path"
    ACCESS_PERIOD = "access_period"
    ACCESS_ACTIONS = "access_actions"


Row = Mapping[FieldKey, str]
FieldValue = str | Sequence[Row]
"""A text, or for a table control its rows."""


@dataclass(frozen=True)
class ControlSpec:
    """One control that the contract expects.

    Args:
        types: component types accepted; the first is what we create.
        filled: False for what is left to the approver.
        optional: the template may lack it.
        columns: of a table.
        required, control_id: known once bound to a live template.
    """

    key: FieldKey
    title: str
    types: tuple[str, ...] = (SINGLE_LINE,)
    filled: bool = True
    optional: bool = False
    columns: tuple[ControlSpec, ...] = ()
    required: bool = False
    control_id: str = ""


@dataclass(frozen=True)
class FormContract:
    """What we expect of a template and fill in.

    Raises:
        InvalidInput: two controls of one title or key, a title over 20 characters, or no remark control that
            takes text: an instance could not be recognised after a lost answer.
    """

    name: str
    template_name: str
    controls: tuple[ControlSpec, ...]

    def __post_init__(self) -> None:
        titles = [control.title for control in self.controls]
        keys = [control.key for control in self.controls]
        for title in titles:
            if not title or len(title) > LONGEST_TITLE:
                raise InvalidInput("dingtalk_contract_title", title=title, limit=LONGEST_TITLE)
        if len(set(titles)) < len(titles) or len(set(keys)) < len(keys):
            raise InvalidInput("dingtalk_contract_twice", name=self.name)
        if not any(_carries_reference(control) for control in self.controls):
            raise InvalidInput("dingtalk_contract_without_remark", name=self.name)

    @property
    def reference_title(self) -> str:
        """The control at whose end the ticket's mark stands."""
        return next(control.title for control in self.controls if _carries_reference(control))


def _carries_reference(control: ControlSpec) -> bool:
    texts = {SINGLE_LINE, MULTI_LINE}
    return control.key is FieldKey.REMARK and control.filled and texts.issuperset(control.types)


def contract_from_mapping(name: str, template_name: str, mapping: Mapping[str, Any]) -> FormContract:
    """A contract from settings: field key -> control title, or ``{"title", "type", "filled", "optional"}``.

    The type defaults to multi-line for remark, findings, SQL and opinion, else to a single line.

    Raises:
        InvalidInput: an unknown field key or entry, or what ``FormContract`` refuses.
    """
    return FormContract(name, template_name, tuple(_spec(key, entry) for key, entry in mapping.items()))


_LONG = {FieldKey.REMARK, FieldKey.FINDINGS_SUMMARY, FieldKey.SQL, FieldKey.ROLLBACK_SQL, FieldKey.OPINION}
_ENTRY_KEYS = {"title", "type", "filled", "optional", "columns"}


def _spec(key: str, entry: object) -> ControlSpec:
    if key not in FieldKey.__members__.values():
        raise InvalidInput("dingtalk_contract_unknown_field", field=key)
    field = FieldKey(key)
    kind = MULTI_LINE if field in _LONG else SINGLE_LINE
    if isinstance(entry, str):
        return ControlSpec(field, entry, (kind,), filled=field is not FieldKey.OPINION)
    if not isinstance(entry, Mapping) or not _ENTRY_KEYS.issuperset(entry):
        raise InvalidInput("dingtalk_contract_unknown_field", field=key)
    columns = tuple(_spec(k, v) for k, v in (entry.get("columns") or {}).items())
    return ControlSpec(
        field,
        str(entry.get("title", "")),
        (str(entry.get("type", TABLE if columns else kind)),),
        filled=bool(entry.get("filled", field is not FieldKey.OPINION)),
        optional=bool(entry.get("optional", False)),
        columns=columns,
    )


# --- filling ------------------------------------------------------------------------------------------


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


# --- comparing with the live template -----------------------------------------------------------------


class DifferenceKind(StrEnum):
    """Each is also the end of its catalogue entry, ``dingtalk_form_<kind>``."""

    MISSING = "missing_control"
    MISSPELT = "misspelt_control"
    WRONG_TYPE = "wrong_type"
    TWICE = "control_twice"
    REQUIRED = "required_control"
    DISABLED = "disabled_control"
    NOT_PUBLISHED = "template_not_published"


@dataclass(frozen=True)
class Difference:
    """Why a template can't be submitted to. ``expected``/``found`` are types, titles or a status."""

    kind: DifferenceKind
    title: str
    expected: str = ""
    found: str = ""

    @property
    def message_code(self) -> str:
        return f"dingtalk_form_{self.kind.value}"

    @property
    def params(self) -> dict[str, str]:
        return {"title": self.title, "expected": self.expected, "found": self.found}


def compare(contract: FormContract, schema: FormSchema) -> list[Difference]:
    """What must be mended in the template (or the contract) before a ticket can be submitted; empty when fine."""
    differences = []
    if schema.status not in {"", "PUBLISHED"}:
        differences.append(
            Difference(DifferenceKind.NOT_PUBLISHED, schema.name, expected="PUBLISHED", found=schema.status)
        )
    differences += _compare_controls(contract.controls, schema.controls, prefix="")
    return differences


def _compare_controls(
    specs: Sequence[ControlSpec], controls: Sequence[FormControl], prefix: str
) -> list[Difference]:
    differences: list[Difference] = []
    for spec in specs:
        differences += _compare_one(spec, controls, prefix)
    filled = {spec.title for spec in specs if spec.filled}
    differences += [
        Difference(DifferenceKind.REQUIRED, prefix + control.title)
        for control in controls
        if control.required and control.title not in filled
    ]
    return differences


def _compare_one(spec: ControlSpec, controls: Sequence[FormControl], prefix: str) -> list[Difference]:
    title = prefix + spec.title
    same = [control for control in controls if control.title == spec.title]
    if not same:
        return [] if spec.optional else [_missing(spec, controls, title)]
    if len(same) > 1:
        return [Difference(DifferenceKind.TWICE, title)]
    control = same[0]
    if control.component_type not in spec.types:
        expected = " / ".join(spec.types)
        return [Difference(DifferenceKind.WRONG_TYPE, title, expected, control.component_type)]
    if spec.filled and (control.disabled or control.hidden):
        return [Difference(DifferenceKind.DISABLED, title)]
    return _compare_controls(spec.columns, control.children, prefix=f"{title} › ") if spec.columns else []


def _missing(spec: ControlSpec, controls: Sequence[FormControl], title: str) -> Difference:
    """Names the control that differs by blanks or width only, which the eye overlooks."""
    near = next((c.title for c in controls if _squeezed(c.title) == _squeezed(spec.title)), "")
    if near:
        return Difference(DifferenceKind.MISSPELT, title, expected=spec.title, found=near)
    return Difference(DifferenceKind.MISSING, title, expected=" / ".join(spec.types))


def _squeezed(title: str) -> str:
    return re.sub(r"[\s:：*]", "", title).casefold()


def bind(contract: FormContract, schema: FormSchema) -> FormContract:
    """The contract as this template has it: each control's live type, id and whether it is required.

    Optional controls that the template lacks are left out. Call it when ``compare`` finds nothing.
    """
    return replace(contract, controls=_bound(contract.controls, schema.controls))


def _bound(specs: Sequence[ControlSpec], controls: Sequence[FormControl]) -> tuple[ControlSpec, ...]:
    live = {control.title: control for control in controls}
    bound = []
    for spec in specs:
        control = live.get(spec.title)
        if control is not None:
            bound.append(
                replace(
                    spec,
                    types=(control.component_type,),
                    required=control.required,
                    control_id=control.control_id,
                    columns=_bound(spec.columns, control.children),
                )
            )
        elif not spec.optional:
            bound.append(spec)
    return tuple(bound)


# --- creating the template ----------------------------------------------------------------------------


def form_components(contract: FormContract) -> list[dict[str, Any]]:
    """``formComponents`` for creating the template. Nothing is required: an empty fact must not be refused."""
    return [_component(control) for control in contract.controls]


def _component(control: ControlSpec) -> dict[str, Any]:
    kind = control.types[0]
    component: dict[str, Any] = {
        "componentType": kind,
        "props": {
            "componentId": f"{kind}-{control.key.value.upper()}",
            "label": control.title,
            "required": False,
        },
    }
    if control.columns:
        component["children"] = [_component(column) for column in control.columns]
    return component
