"""One's own settings: mail, how pages are written, and single keys."""

from http import HTTPStatus

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import choose_display, dismiss_checklist
from accounts.forms import DisplayForm
from accounts.policy import actor_of, signed_in
from notices.actions import choice_of, choose_mail
from notices.forms import MailPreferenceForm
from notices.models import MailPreference
from valueboard.lib import formats


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Show one's settings; what is sent here chooses how one gets mail."""
    form = MailPreferenceForm(
        request.POST or None, initial={"choice": choice_of(actor_of(request))}
    )
    if request.method == "POST" and form.is_valid():
        choice = MailPreference.Choice(form.cleaned_data["choice"])
        choose_mail(actor=actor_of(request), choice=choice)
        return _saved(request)
    return _page(request, form, _display_form(request, sent=False))


@signed_in
@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Choose how dates and numbers are written, and whether single keys do something."""
    form = _display_form(request, sent=True)
    if form.is_valid():
        choose_display(actor=actor_of(request), **form.cleaned_data)
        return _saved(request)
    mail = MailPreferenceForm(initial={"choice": choice_of(actor_of(request))})
    return _page(request, mail, form)


@signed_in
@require_POST
def checklist_dismiss(request: HttpRequest) -> HttpResponse:
    """Show the list of first steps no more."""
    dismiss_checklist(actor=actor_of(request))
    return redirect("board")


def _display_form(request: HttpRequest, *, sent: bool) -> DisplayForm:
    chosen = actor_of(request).preference
    return DisplayForm(
        request.POST if sent else None,
        initial={"locale": chosen.locale, "shortcuts": chosen.shortcuts},
        default=formats.LOCALES[django_settings.LOCALE],
    )


def _saved(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Your settings were saved.")
    return redirect("settings")


def _page(request: HttpRequest, mail: MailPreferenceForm, display: DisplayForm) -> HttpResponse:
    hints = {
        MailPreference.Choice.AT_ONCE: "One mail for each message, as it comes.",
        MailPreference.Choice.DAILY: (
            f"One mail with what is new, at {django_settings.DIGEST_HOUR:02}:00 "
            f"({django_settings.TIME_ZONE}). None on days without news."
        ),
        MailPreference.Choice.NONE: "Nothing by mail.",
    }
    wrong = mail.is_bound or display.is_bound
    context = {
        "mail": mail,
        "hints": hints,
        "display": display,
        "samples": display.samples(),
        "form": mail if mail.is_bound else display,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "accounts/settings.html", context, status=status)
