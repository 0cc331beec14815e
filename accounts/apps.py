"""People, sign-in and organisation roles."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, sign-in and organisation roles."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
