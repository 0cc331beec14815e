"""The project itself: composed pages and template tags."""

import gc

from django.apps import AppConfig

# A page of 5,000 workloads makes 250,000 values, none of them in a circle. By Python's own figures
# (700, 10, 10) all that is alive would be walked again and again meanwhile: a third of the time.
COLLECT_AFTER = (400_000, 20, 20)


class ValueBoardConfig(AppConfig):
    """The project itself: composed pages and template tags."""

    name = "valueboard"

    def ready(self) -> None:
        """Look for circles of garbage more seldom."""
        gc.set_threshold(*COLLECT_AFTER)
