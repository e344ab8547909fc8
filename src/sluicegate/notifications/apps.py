from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "sluicegate.notifications"
    label = "notifications"
