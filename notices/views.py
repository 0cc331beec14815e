"""The inbox, and what could not be delivered."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from accounts.policy import actor_of, needs, signed_in
from notices.access import get_message
from notices.actions import mark_all_read, mark_read, send_again
from notices.delivery import base_url
from notices.letter import Line, section
from notices.models import Kind, Message
from notices.reports import undelivered as find_undelivered
from valueboard.lib.http import seen_in

A_PAGE = 25


@signed_in
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """List one's messages, the newest first."""
    mine = Message.objects.visible_to(actor_of(request))
    kind, unread = request.GET.get("kind", ""), request.GET.get("unread", "")
    shown = mine.filter(kind=kind) if kind in Kind.values else mine
    shown = shown.unread() if unread else shown
    page = Paginator(shown.order_by("-pk"), A_PAGE).get_page(request.GET.get("page"))
    newest = mine.order_by("-pk").first()
    had = set(mine.order_by().values_list("kind", flat=True).distinct())
    context = {
        "page": page,
        "rows": [(message, _paragraphs(message)) for message in page],
        "newest": newest,
        "has_unread": mine.unread().exists(),
        "kinds": [each for each in Kind if each in had],
        "kind": kind,
        "unread_only": unread,
    }
    return render(request, "notices/inbox.html", context)


@signed_in
@require_POST
def message_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a message is about; it is read then."""
    user = actor_of(request)
    message = get_message(user, pk)
    mark_read(actor=user, message=message)
    return redirect(message.link or reverse("inbox"))


@signed_in
@require_POST
def message_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a message as read and stay in the inbox."""
    user = actor_of(request)
    mark_read(actor=user, message=get_message(user, pk))
    return _back(request)


@signed_in
@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Mark all messages as read that were there when the page was made."""
    if newest := seen_in(request, "newest"):
        count = mark_all_read(actor=actor_of(request), newest=newest)
        plural = "s" if count != 1 else ""
        messages.success(request, f"{count} message{plural} marked as read.")
    return _back(request)


@needs(Role.ADMINISTRATOR)
@require_safe
def undelivered(request: HttpRequest) -> HttpResponse:
    """List the mails that were given up."""
    return render(request, "notices/undelivered.html", {"mails": find_undelivered()})


@needs(Role.ADMINISTRATOR)
@require_POST
def undelivered_again(request: HttpRequest) -> HttpResponse:
    """Have one undelivered mail sent again, or all of them."""
    named = [seen_in(request, "mail")] if request.POST.get("mail") else None
    count = send_again(actor=actor_of(request), mails=named)
    if count:
        plural = "s are" if count != 1 else " is"
        messages.success(request, f"{count} mail{plural} being sent again.")
    else:
        messages.info(request, "Nothing was left to send again.")
    return redirect("undelivered")


def _paragraphs(message: Message) -> list[list[Line]]:
    """Return what a message says, without its links: its subject is the link here."""
    said = section(message.body, base_url()).paragraphs
    without = [[line for line in paragraph if not line.href] for paragraph in said]
    return [paragraph for paragraph in without if paragraph]


def _back(request: HttpRequest) -> HttpResponse:
    """Return to the inbox as it was filtered."""
    kept = {name: request.POST.get(name, "") for name in ("kind", "unread", "page")}
    return redirect(reverse("inbox", query={name: value for name, value in kept.items() if value}))
