"""What every page knows."""

from typing import Any

from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, Any]:
    """Return what every page shows around its content."""
    return {}
