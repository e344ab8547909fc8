from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "sluicegate.accounts"
    label = "accounts"
