"""The machinery of frozen records and the database clock."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The machinery of frozen records and the database clock."""

    name = "records"
    default_auto_field = "django.db.models.BigAutoField"
