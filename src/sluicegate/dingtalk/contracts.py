"""The form contract: which of a ticket's facts goes into which control of the approval template.

A contract is data (``form_presets``, or a mapping of one's own); ``forms`` works with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sluicegate.core.errors import InvalidInput

SINGLE_LINE = "TextField"
MULTI_LINE = "TextareaField"
NUMBER = "NumberField"
TABLE = "TableField"

LONGEST_TITLE = 20


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
    return FormContract(name, template_name, _specs(mapping))


def _specs(mapping: Mapping[str, Any]) -> tuple[ControlSpec, ...]:
    """In the order of ``FieldKey``: JSON that was in a database has none of its own."""
    specs = [_spec(key, entry) for key, entry in mapping.items()]
    order = list(FieldKey)
    return tuple(sorted(specs, key=lambda spec: order.index(spec.key)))


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
    columns = _specs(entry.get("columns") or {})
    return ControlSpec(
        field,
        str(entry.get("title", "")),
        (str(entry.get("type", TABLE if columns else kind)),),
        filled=bool(entry.get("filled", field is not FieldKey.OPINION)),
        optional=bool(entry.get("optional", False)),
        columns=columns,
    )


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
