"""Spaces, memberships and workloads."""

from django.apps import AppConfig


class SpacesConfig(AppConfig):
    """Spaces, memberships and workloads."""

    name = "spaces"
    default_auto_field = "django.db.models.BigAutoField"
