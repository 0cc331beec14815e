"""The demo organisation: its plan, and the commands that load it through the product."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo organisation."""

    name = "demo"
