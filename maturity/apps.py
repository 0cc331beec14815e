"""The Governance Maturity score."""

from django.apps import AppConfig


class MaturityConfig(AppConfig):
    """The Governance Maturity score."""

    name = "maturity"
    default_auto_field = "django.db.models.BigAutoField"
