"""What a check found, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sluicegate.core.errors import Param, SluicegateError
from sluicegate.core.messages import Language, describe, text

PASS, WARN, FAIL = "pass", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Note:
    """One more sentence of advice, by its code."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was checked. ``error`` says what is wrong, and what to do; ``notes`` say more.

    ``essential``: while this fails, no ticket whatever gets through.
    """

    name: str
    status: str
    error: SluicegateError | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    essential: bool = False

    @property
    def prevents(self) -> bool:
        return self.essential and self.status == FAIL

    def text(self, language: Language) -> str:
        params: dict[str, Param] = dict(self.params)
        if "kind" in params:
            params["kind"] = text(f"kind_{params['kind']}", language)
        if "permission" in params:
            params["permission"] = text(str(params["permission"]), language)
        return text(f"doctor_{self.name}", language, **params)

    def advice(self, language: Language) -> str:
        sentences = [describe(self.error, language)] if self.error is not None else []
        sentences += [text(note.code, language, **note.params) for note in self.notes]
        return " ".join(sentences)

    def facts(self) -> dict[str, Param]:
        """The parameters of the line and of what is wrong: the address to enter, the link to open, ..."""
        return {**self.params, **(self.error.params if self.error is not None else {})}


def tried(name: str, call: Callable[[], object], *, essential: bool = False, **params: Param) -> Line:
    """Passes unless the call raises."""
    try:
        call()
    except SluicegateError as error:
        return Line(name, FAIL, error, params, essential=essential)
    return Line(name, PASS, None, params, essential=essential)
