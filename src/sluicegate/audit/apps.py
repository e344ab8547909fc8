from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "sluicegate.audit"
    label = "audit"
