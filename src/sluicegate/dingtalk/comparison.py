"""A form contract beside the live template: what differs, and the contract as the template has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sluicegate.dingtalk.contracts import ControlSpec, FormContract
from sluicegate.dingtalk.templates import FormControl, FormSchema


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
