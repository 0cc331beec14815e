"""Mail that the product sends, through an outbox."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Mail that the product sends, through an outbox."""

    name = "notices"
    default_auto_field = "django.db.models.BigAutoField"
