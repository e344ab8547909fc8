from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "sluicegate.tickets"
    label = "tickets"
