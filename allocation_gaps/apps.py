"""Allocation Gaps and what was done about them."""

from django.apps import AppConfig


class AllocationGapsConfig(AppConfig):
    """Allocation Gaps and what was done about them."""

    name = "allocation_gaps"
    default_auto_field = "django.db.models.BigAutoField"
