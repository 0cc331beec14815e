"""Asking for a pack, making it, and getting it."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import RoleGrant
from notices.actions import choose_mail
from notices.models import MailPreference, Message
from packs.actions import (
    MOST_WAITING,
    PRINTER,
    NotMadeError,
    ask_for_pack,
    forget_packs,
    make_pack,
    say_printer,
    why_no_printer,
)
from packs.models import TRIES, Pack
from records.clock import now
from tests.cast import Cast
from tests.packs.reading import program
from valueboard.lib.errors import RefusedError
from valueboard.packing import pdf_of

PDF = b"%PDF-1.4 of the board"


def made(pack: Pack) -> Pack:
    """Make a pack as the worker does, with a PDF of our own."""
    make_pack(pack_id=pack.pk, render=lambda _: PDF)
    pack.refresh_from_db()
    return pack


def failing(error: Exception) -> Callable[[Pack], bytes]:
    def render(_: Pack) -> bytes:
        raise error

    return render


def test_a_pack_is_made_and_handed_out_to_its_asker(client: Client, cast: Cast) -> None:
    pack = made(ask_for_pack(actor=cast.felix, query="band=weak"))
    assert (pack.state, pack.size, pack.error) == ("done", len(PDF), "")
    client.force_login(cast.felix)
    answer = client.get(f"/packs/{pack.pk}/file/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize(("who", "status"), [("erin", 404), ("priya", 403), ("olivia", 403)])
def test_nobody_else_gets_it(client: Client, cast: Cast, who: str, status: int) -> None:
    """Not even who reads everything too: it was made of what its asker reads."""
    pack = made(ask_for_pack(actor=cast.felix, query=""))
    client.force_login(getattr(cast, who))
    assert client.get(f"/packs/{pack.pk}/file/").status_code == status


@pytest.mark.parametrize("who", ["priya", "adam", "olivia", "mona", "sam"])
def test_only_finance_and_executives_export(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        ask_for_pack(actor=getattr(cast, who), query="")


def test_who_lost_the_right_meanwhile_gets_nothing(cast: Cast) -> None:
    pack = ask_for_pack(actor=cast.felix, query="")
    RoleGrant.objects.filter(user=cast.felix).delete()
    assert made(pack).state == "failed"
    assert pack.error == "Only Finance and Executives export."
    assert pack.content is None


def test_who_was_deactivated_meanwhile_gets_nothing(cast: Cast) -> None:
    pack = ask_for_pack(actor=cast.felix, query="")
    cast.felix.is_active = False
    cast.felix.save()
    assert made(pack).state == "failed"


def test_a_pack_that_is_not_ready_is_none(client: Client, cast: Cast) -> None:
    pack = ask_for_pack(actor=cast.felix, query="")
    client.force_login(cast.felix)
    assert client.get(f"/packs/{pack.pk}/file/").status_code == 404


def test_few_wait_at_a_time(cast: Cast) -> None:
    for _ in range(MOST_WAITING):
        ask_for_pack(actor=cast.felix, query="")
    with pytest.raises(RefusedError, match="wait already"):
        ask_for_pack(actor=cast.felix, query="")
    ask_for_pack(actor=cast.erin, query="")


def test_why_it_failed_is_said(cast: Cast) -> None:
    pack = ask_for_pack(actor=cast.felix, query="")
    make_pack(pack_id=pack.pk, render=failing(NotMadeError("Chromium made no PDF: no room.")))
    pack.refresh_from_db()
    assert (pack.state, pack.error) == ("failed", "Chromium made no PDF: no room.")


def test_an_error_of_ours_fails_it_without_its_words(cast: Cast) -> None:
    pack = ask_for_pack(actor=cast.felix, query="")
    make_pack(pack_id=pack.pk, render=failing(KeyError("secret")))
    pack.refresh_from_db()
    assert pack.state == "failed"
    assert "KeyError" in pack.error
    assert "secret" not in pack.error


def test_a_pack_that_its_worker_dies_of_is_given_up(cast: Cast) -> None:
    pack = ask_for_pack(actor=cast.felix, query="")
    for _ in range(TRIES):
        with pytest.raises(OperationalError):
            make_pack(pack_id=pack.pk, render=failing(OperationalError("gone")))
    assert made(pack).state == "failed"
    assert "ended 3 times" in pack.error


def test_a_pack_is_made_once(cast: Cast) -> None:
    pack = made(ask_for_pack(actor=cast.felix, query=""))
    make_pack(pack_id=pack.pk, render=failing(AssertionError("again")))
    pack.refresh_from_db()
    assert pack.state == "done"


@pytest.mark.parametrize(
    ("error", "subject", "says"),
    [
        (None, "Your board pack is ready", "Get the PDF here:"),
        (NotMadeError("No room."), "Your board pack could not be made", "No room."),
    ],
)
def test_its_asker_is_told_how_it_ended(
    client: Client, cast: Cast, error: Exception | None, subject: str, says: str
) -> None:
    pack = ask_for_pack(actor=cast.felix, query="band=weak")
    make_pack(pack_id=pack.pk, render=failing(error) if error else lambda _: PDF)
    message = Message.objects.get()
    assert (message.recipient, message.kind, message.subject) == (cast.felix, "pack_ready", subject)
    assert says in message.body
    assert "as you filtered it" in message.body
    assert message.mail
    client.force_login(cast.felix)
    opened = client.post(f"/inbox/{message.pk}/open/", follow=True)
    assert opened.redirect_chain == [("/packs/", 302)]


def test_no_mail_is_sent_of_it_to_who_wants_none(cast: Cast) -> None:
    choose_mail(actor=cast.felix, choice=MailPreference.Choice.NONE)
    made(ask_for_pack(actor=cast.felix, query=""))
    assert Message.objects.get().mail is None


def test_a_try_that_was_taken_for_dead_changes_nothing(cast: Cast) -> None:
    """Its worker hung, so another one made the pack; then it woke up."""
    pack = ask_for_pack(actor=cast.felix, query="")

    def slow(_: Pack) -> bytes:
        assert made(pack).state == "done"
        return b"%PDF-1.4 too late"

    make_pack(pack_id=pack.pk, render=slow)
    pack.refresh_from_db()
    assert (bytes(pack.content or b""), pack.tries) == (PDF, 2)
    assert Message.objects.count() == 1


def test_a_try_that_was_taken_for_dead_ends_none_that_runs(cast: Cast) -> None:
    pack = ask_for_pack(actor=cast.felix, query="")

    def slow(_: Pack) -> bytes:
        Pack.objects.update(tries=2)  # another worker began
        return PDF

    make_pack(pack_id=pack.pk, render=slow)
    pack.refresh_from_db()
    assert (pack.state, pack.content) == ("running", None)
    assert not Message.objects.exists()


def test_a_worker_without_room_says_so(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.CHROMIUM = program(tmp_path, "true")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    pack = ask_for_pack(actor=cast.felix, query="")
    make_pack(pack_id=pack.pk, render=pdf_of)
    pack.refresh_from_db()
    assert pack.state == "failed"
    assert "can't write its temporary files: No such file or directory" in pack.error


def test_packs_go_after_two_weeks(cast: Cast) -> None:
    old, young = (ask_for_pack(actor=cast.felix, query="") for _ in range(2))
    Pack.objects.filter(pk=old.pk).update(asked_at=now() - timedelta(days=15))
    forget_packs()
    assert list(Pack.objects.all()) == [young]


WRONG: dict[str, dict[str, Any]] = {
    "pack_state_is_known": {"state": "lost", "finished": True},
    "pack_content_if_done": {"state": "done", "finished": True},
    "pack_finished_has_time": {"state": "waiting", "finished": True},
    "pack_tries_are_few": {"state": "waiting", "tries": TRIES + 1},
}


@pytest.mark.parametrize("constraint", WRONG)
def test_a_pack_is_one_or_the_other(cast: Cast, constraint: str) -> None:
    wrong = dict(WRONG[constraint])
    finished = now() if wrong.pop("finished", False) else None
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Pack.objects.create(asked_by=cast.felix, asked_at=now(), finished_at=finished, **wrong)


def test_the_worker_says_whether_it_has_a_chromium(db: None, settings: Settings) -> None:
    cache.delete(PRINTER)
    assert "No worker" in why_no_printer()
    settings.CHROMIUM = "/nowhere/chromium"
    say_printer()
    assert "no Chromium" in why_no_printer()
    settings.CHROMIUM = "/bin/sh"
    say_printer()
    assert why_no_printer() == ""
