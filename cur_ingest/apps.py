"""Exports, deliveries, daily spend lines and attribution rules."""

from django.apps import AppConfig


class CurIngestConfig(AppConfig):
    """Exports, deliveries, daily spend lines and attribution rules."""

    name = "cur_ingest"
    default_auto_field = "django.db.models.BigAutoField"
