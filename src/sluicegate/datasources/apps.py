from django.apps import AppConfig


class DatasourcesConfig(AppConfig):
    name = "sluicegate.datasources"
    label = "datasources"
