"""Policies as YAML: plain values in and out, and errors that name the place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sluicegate.core.errors import InvalidInput
from sluicegate.sql.rules.base import Text

if TYPE_CHECKING:
    import yaml

MAX_LENGTH: Final = 256_000  # characters
MAX_ITEMS: Final = 1_000
MAX_TEXT: Final = 500
CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,59}")


def read(text: str, file: str) -> object:
    """The document's plain values. Neither anchors nor repeated keys: both hide what is said.

    Raises:
        InvalidInput: policy_invalid, policy_too_long.
    """
    import yaml  # noqa: PLC0415 - only who has a policy pays for it

    if len(text) > MAX_LENGTH:
        raise InvalidInput("policy_too_long", file=file, max=MAX_LENGTH)
    try:
        loader = _loader()(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: a date that isn't one. RecursionError: brackets without end.
        raise InvalidInput("policy_invalid", file=file, problem=" ".join(str(error).split())[:300]) from error


def _loader() -> type[yaml.SafeLoader]:
    import yaml  # noqa: PLC0415

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.events.AliasEvent):
                event = self.peek_event()  # type: ignore[no-untyped-call]
                raise yaml.composer.ComposerError(None, None, "aliases aren't allowed", event.start_mark)
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"{key.value!r} stands there twice", key.start_mark
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    return Loader


def written(value: Mapping[str, object]) -> str:
    import yaml  # noqa: PLC0415

    return yaml.safe_dump(dict(value), allow_unicode=True, sort_keys=False, width=110)


def mapping(found: object, keys: Sequence[str], file: str, where: str) -> Mapping[str, object]:
    """A mapping with no other keys than these."""
    if not isinstance(found, Mapping):
        raise InvalidInput("policy_value_invalid", file=file, key=where, expected=", ".join(keys))
    for key in found:
        if key not in keys:
            raise InvalidInput("policy_key_unknown", file=file, key=str(key)[:80], known=", ".join(keys))
    return found


def texts(found: object, file: str, key: str) -> tuple[str, ...]:
    """A list of texts that aren't empty; nothing is the empty list."""
    if found is None:
        return ()
    good = isinstance(found, list | tuple) and len(found) <= MAX_ITEMS
    if not good or not all(isinstance(item, str) and 0 < len(item) <= MAX_TEXT for item in found):  # type: ignore[attr-defined]
        raise InvalidInput("policy_value_invalid", file=file, key=key, expected="[list, of, texts]")
    return tuple(dict.fromkeys(found))  # type: ignore[call-overload]


def both(found: object, file: str, key: str) -> Text:
    """A text in both languages: given as one for both, or as ``{zh: …, en: …}``."""
    given = {"zh": found, "en": found} if isinstance(found, str) else found
    if isinstance(given, Mapping) and set(given) == {"zh", "en"}:
        zh, en = given["zh"], given["en"]
        if all(isinstance(text, str) and text.strip() and len(text) <= MAX_TEXT for text in (zh, en)):
            return Text(zh=str(zh), en=str(en))
    raise InvalidInput("policy_value_invalid", file=file, key=key, expected='"text" | {zh: "…", en: "…"}')
