"""The pages for who may not do what they sent, and for what went wrong."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error

from valueboard.lib.busy import busy_answer
from valueboard.lib.http import typed_again


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say why, and show what was typed: a role may end while its form is open."""
    context = {"exception": str(exception), "typed": typed_again(request)}
    return render(request, "403.html", context, status=HTTPStatus.FORBIDDEN)


def failed(request: HttpRequest) -> HttpResponse:
    """Say what to do where the database is gone, which is found before any view; else the fault."""
    fault = sys.exception()
    gone = busy_answer(request, fault) if isinstance(fault, Exception) else None
    return gone or server_error(request)
