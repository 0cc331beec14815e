"""The page for who may not do what they sent."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from valueboard.lib.http import typed_again


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say why, and show what was typed: a role may end while its form is open."""
    context = {"exception": str(exception), "typed": typed_again(request)}
    return render(request, "403.html", context, status=HTTPStatus.FORBIDDEN)
