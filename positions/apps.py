"""One row per workload, of any moment: what pages, exports and reviews read."""

from django.apps import AppConfig


class PositionsConfig(AppConfig):
    """One row per workload, of any moment: what pages, exports and reviews read."""

    name = "positions"
    default_auto_field = "django.db.models.BigAutoField"
