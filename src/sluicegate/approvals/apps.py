from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "sluicegate.approvals"
    label = "approvals"
