"""Files that the worker makes for a person, such as a board pack."""

from django.apps import AppConfig


class PacksConfig(AppConfig):
    """Files that the worker makes for a person, such as a board pack."""

    name = "packs"
    default_auto_field = "django.db.models.BigAutoField"
