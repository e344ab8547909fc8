from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _ensure_environments(**_: Any) -> None:
    from sluicegate.datasources.services import (  # noqa: PLC0415 - models must be ready
        ensure_builtin_environments,
    )

    ensure_builtin_environments()


class DatasourcesConfig(AppConfig):
    name = "sluicegate.datasources"
    label = "datasources"

    def ready(self) -> None:
        post_migrate.connect(_ensure_environments, sender=self)
