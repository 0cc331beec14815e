"""The project itself: composed pages and template tags."""

from django.apps import AppConfig


class ValueBoardConfig(AppConfig):
    """The project itself: composed pages and template tags."""

    name = "valueboard"
