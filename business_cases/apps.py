"""Business Requests, estimate snapshots and case snapshots."""

from django.apps import AppConfig


class BusinessCasesConfig(AppConfig):
    """Business Requests, estimate snapshots and case snapshots."""

    name = "business_cases"
    default_auto_field = "django.db.models.BigAutoField"
