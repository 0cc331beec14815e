"""Asking for a pack, and making it."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from procrastinate.contrib.django import app

from accounts.models import User
from notices.actions import post
from notices.models import Kind
from packs import chromium
from packs.access import TO_EXPORT, may_export
from packs.models import TRIES, Pack
from records.clock import now
from valueboard.lib.errors import RefusedError

logger = logging.getLogger(__name__)
MAKE, QUEUE = "packs.make", "packs"
MOST_WAITING = 3
KEPT = timedelta(days=14)
# A job that failed for good, or was lost, is missed after as long.
MISSED_AFTER = timedelta(minutes=10)
PRINTER = "packs.printer"
# The worker says it each minute; what is older than this, no worker says any more.
HEARD_SECONDS = 180
DIED = (
    f"The worker ended {TRIES} times while it made this pack: out of memory, or stopped. Ask for "
    "fewer workloads, or look at the worker's log."
)
UNFORESEEN = "An error of ValueBoard itself ({kind}): the worker's log says more."


class NotMadeError(Exception):
    """A pack can't be made; the message is for its asker."""


@transaction.atomic
def ask_for_pack(*, actor: User, query: str) -> Pack:
    """Have the worker make a board pack of what a board's address shows at this moment.

    Raise `RefusedError` while enough of that person's wait.
    """
    if not may_export(actor):
        raise PermissionDenied(TO_EXPORT)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # counts alone
    if Pack.objects.unfinished().filter(asked_by=actor).count() >= MOST_WAITING:
        message = f"{MOST_WAITING} packs of yours wait already. Ask again when one is ready."
        raise RefusedError(message)
    pack = Pack.objects.create(query=query, asked_by=actor, asked_at=now())
    defer_making(pack)
    return pack


def defer_making(pack: Pack) -> None:
    """Put a pack into the worker's queue: one is made at a time."""
    app.configure_task(MAKE, queue=QUEUE, lock=MAKE).defer(pack_id=pack.pk)


def make_pack(*, pack_id: int, render: Callable[[Pack], bytes]) -> None:
    """Make a pack, unless it is over; one that its worker dies of three times has failed.

    `render` returns the PDF, or raises `NotMadeError`. The right to export is asked for again: it
    is the job that hands the figures out.
    """
    pack = _begin(pack_id)
    if pack is None:
        return
    try:
        if not (pack.asked_by.is_active and may_export(pack.asked_by)):
            raise NotMadeError(TO_EXPORT)  # noqa: TRY301 - one place that writes down why
        content = render(pack)
    except NotMadeError as error:
        _end(pack, Pack.State.FAILED, error=str(error))
    except (OperationalError, InterfaceError):
        raise  # the connection is gone: the next try writes it down (packs.jobs.sweep)
    except Exception as error:
        logger.exception("Pack %s failed", pack_id)
        _end(pack, Pack.State.FAILED, error=UNFORESEEN.format(kind=type(error).__name__))
    else:
        _end(pack, Pack.State.DONE, content=content)


@transaction.atomic
def _begin(pack_id: int) -> Pack | None:
    pack = _locked(pack_id)
    if pack is None or not pack.is_unfinished:
        return None
    if pack.tries >= TRIES:
        _end(pack, Pack.State.FAILED, error=DIED)
        return None
    pack.state, pack.tries = Pack.State.RUNNING, pack.tries + 1
    pack.save()
    return pack


@transaction.atomic
def _end(tried: Pack, state: Pack.State, *, content: bytes | None = None, error: str = "") -> None:
    """Write down how a try ended and tell the asker, unless a later try has begun meanwhile."""
    pack = _locked(tried.pk)
    if pack is None or not pack.is_unfinished or pack.tries != tried.tries:
        return
    pack.state, pack.error, pack.finished_at = state, error, now()
    pack.content, pack.size = content, len(content or b"")
    pack.save()
    post(
        recipient=pack.asked_by,
        kind=Kind.PACK_READY,
        subject="Your board pack is ready" if content else "Your board pack could not be made",
        template="packs/ready.txt",
        context={"pack": pack, "until": pack.asked_at + KEPT},
    )


def _locked(pack_id: int) -> Pack | None:
    found = Pack.objects.select_for_update(of=("self",)).select_related("asked_by")
    return found.filter(pk=pack_id).first()


def forget_packs() -> None:
    """Remove packs that were asked for two weeks ago."""
    Pack.objects.filter(asked_at__lt=now() - KEPT).delete()


# --- what the worker can ------------------------------------------------------------------------


def say_printer() -> None:
    """Say, as the worker, whether it has a Chromium to make PDFs with."""
    cache.set(PRINTER, chromium.find(settings.CHROMIUM), HEARD_SECONDS)


def why_no_printer() -> str:
    """Return why no PDF can be made now; empty where a worker said that it can."""
    said = cache.get(PRINTER)
    if said is None:
        return "No worker is running, so no PDF can be made."
    return "" if said else "The worker has no Chromium, so no PDF can be made."
