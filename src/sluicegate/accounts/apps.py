from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _ensure_roles(**_: Any) -> None:
    from sluicegate.accounts.services import ensure_builtin_roles  # noqa: PLC0415 - models must be ready

    ensure_builtin_roles()


class AccountsConfig(AppConfig):
    name = "sluicegate.accounts"
    label = "accounts"

    def ready(self) -> None:
        post_migrate.connect(_ensure_roles, sender=self)
