"""Forms that are sent twice: one effect, the same answer."""

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    """Forms that are sent twice: one effect, the same answer."""

    name = "idempotency"
    default_auto_field = "django.db.models.BigAutoField"
