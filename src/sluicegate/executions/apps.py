from django.apps import AppConfig


class ExecutionsConfig(AppConfig):
    name = "sluicegate.executions"
    label = "executions"
