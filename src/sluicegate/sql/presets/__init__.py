"""Ready policies: the YAML files of this folder."""

from __future__ import annotations

from importlib.resources import files

from sluicegate.core.errors import NotFound

_END = ".yaml"


def names() -> list[str]:
    found = (file.name for file in files(__name__).iterdir() if file.name.endswith(_END))
    return sorted(name.removesuffix(_END) for name in found)


def read(name: str) -> str:
    """The document.

    Raises:
        NotFound: ``policy_preset_unknown``.
    """
    if name not in names():
        raise NotFound("policy_preset_unknown", preset=name[:40], known=", ".join(names()))
    return files(__name__).joinpath(f"{name}{_END}").read_text("utf-8")
