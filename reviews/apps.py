"""Budget reviews: what was looked at in a meeting, and what was said."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Budget reviews: what was looked at in a meeting, and what was said."""

    name = "reviews"
    default_auto_field = "django.db.models.BigAutoField"
