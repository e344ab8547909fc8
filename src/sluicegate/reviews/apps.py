from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "sluicegate.reviews"
    label = "reviews"
