"""Who reads a page: in which locale it is written for them, and what is answered once they left."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control

from accounts.models import User
from valueboard.lib import formats
from valueboard.lib.http import HtmxRequest, typed_again


class LocaleMiddleware:
    """Has a page written in its reader's locale."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the locale that the person chose, else in the organisation's."""
        user = getattr(request, "user", None)
        with formats.using(user.locale if isinstance(user, User) else settings.LOCALE):
            return self.get_response(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Asks whoever is not signed in to sign in, and loses nothing of what they typed.

    A page that is asked for leads to signing in and back. HTMX would swap the sign-in page into a
    fragment, so it is told to go there as a whole. A form that was sent is shown again. What pages
    and files say is for their reader: no browser and no proxy keeps it for whoever comes next.
    """

    def process_response(self, _request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Have no cache keep an answer; what is static never comes here."""
        patch_cache_control(response, private=True, no_store=True)
        return response

    def handle_no_permission(  # type: ignore[override]  # its stubs know redirects alone
        self, request: HtmxRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """Answer somebody who is not signed in, or no more."""
        if request.htmx:
            page = request.htmx.current_url_abs_path or "/"
            answer = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
            answer["HX-Redirect"] = redirect_to_login(page).url
            return answer
        if request.method == "POST":
            context = {
                "typed": typed_again(request),
                "path": request.get_full_path(),
                "sign_in": reverse(settings.LOGIN_URL),
            }
            return render(request, "401.html", context, status=HTTPStatus.UNAUTHORIZED)
        return super().handle_no_permission(request, view_func)
