"""Decisions with value acknowledgement."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Decisions with value acknowledgement."""

    name = "approvals"
    default_auto_field = "django.db.models.BigAutoField"
