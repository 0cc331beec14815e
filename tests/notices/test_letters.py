"""A mail says the same in text and in HTML, and nothing in it can pass for something else."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from notices.actions import send_mail
from notices.letter import SUBJECT_LENGTH, link_in, one_line, section, tidy
from notices.models import Mail, Message
from tests.approvals.test_deciding import approve
from tests.cast import REVENUE, Cast, proposal, submitted

BASE = "https://valueboard.example"
LINK = f"{BASE}/workloads/x/"


class Reader(HTMLParser):
    """What somebody reads of a page, and what it asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(  # noqa: D102 - HTMLParser's
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:  # noqa: D102 - HTMLParser's
        if not self.tags or self.tags[-1][0] != "title":
            self.words += data.split()


def sent() -> EmailMessage:
    """The last mail as it goes over the wire."""
    message = message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def send(message: Message) -> tuple[str, Reader]:
    """Send a message; return its text and its HTML."""
    assert message.mail
    send_mail(mail_id=message.mail.pk)
    parts = {part.get_content_type(): part.get_content() for part in sent().iter_parts()}
    assert list(parts) == ["text/plain", "text/html"]
    reader = Reader()
    reader.feed(parts["text/html"])
    return parts["text/plain"], reader


def told(cast: Cast, person: str) -> Message:
    return Message.objects.filter(recipient=getattr(cast, person)).latest("pk")


def test_text_and_html_say_the_same_words(cast: Cast) -> None:
    approve(cast.priya, submitted(cast, proposal(cast, case=REVENUE)))
    for person in ("priya", "olivia"):
        text, html = send(told(cast, person))
        links = re.findall(r"^http\S+$", text, re.MULTILINE)
        assert [dict(attrs)["href"] for tag, attrs in html.tags if tag == "a"] == links
        assert len(links) == 2
        words = re.sub(r"^(http\S+|-- )$", "", text, flags=re.MULTILINE).split()
        # The words before an address are the link itself in HTML, without their colon.
        plain, rich = (" ".join(each).replace(":", "") for each in (words, html.words))
        assert plain == rich
        assert "Declared annual opportunity (Revenue Driving: revenue, not margin)" in text
        assert "Projected cost" in text
        assert "Change how you get mail" in text


def test_a_mail_needs_no_pictures_and_asks_for_nothing_elsewhere(cast: Cast) -> None:
    submitted(cast)
    _, html = send(told(cast, "priya"))
    assert {tag for tag, _ in html.tags}.isdisjoint({"img", "link", "script", "style", "table"})
    for _, attributes in html.tags:
        assert "src" not in attributes
        assert "url(" not in (attributes.get("style") or "")
        # Colours would be wrong in one of the two lights.
        assert "color:" not in (attributes.get("style") or "")
    assert ("meta", {"name": "color-scheme", "content": "light dark"}) in html.tags


def test_machines_do_not_answer_and_the_reader_knows_why(cast: Cast) -> None:
    submitted(cast)
    message = told(cast, "priya")
    text, _ = send(message)
    headers = sent()
    assert message.mail
    assert headers["Message-ID"] == message.mail.message_id
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Id"] == "ValueBoard <notices.127.0.0.1>"
    assert text.endswith(
        "-- \nYou get this because you may decide on Business Requests.\n"
        "Change how you get mail:\nhttp://127.0.0.1:8000/settings/\n"
    )


def test_names_with_html_and_line_breaks_are_only_names(cast: Cast) -> None:
    cast.olivia.name = "<img src=x> Olivia\r\nBcc: sam@example.com"
    cast.olivia.save()
    cast.priya.name = "Priya\n\n<b>Example"
    cast.priya.save()
    submitted(cast, proposal(cast, name="<script>alert(1)</script>\r\nBcc: sam@example.com"))
    message = told(cast, "priya")
    assert message.subject == "To decide: <script>alert(1)</script> Bcc: sam@example.com"
    text, html = send(message)
    assert {tag for tag, _ in html.tags}.isdisjoint({"img", "script", "b"})
    assert text.startswith("Priya <b>Example,\n\n<img src=x> Olivia Bcc: sam@example.com submitted")
    assert sent()["Bcc"] is None
    assert mail.outbox[-1].recipients() == ["priya@example.com"]


def test_an_address_that_somebody_typed_is_no_link(cast: Cast) -> None:
    rationale = (
        f"See\nhttps://elsewhere.example/\nhttp://127.0.0.1:8000//elsewhere.example/\n{BASE}"
    )
    approve(cast.priya, submitted(cast), rationale=rationale)
    message = told(cast, "olivia")
    assert message.link == "/workloads/contract-review/"
    _, html = send(message)
    hrefs = [str(attrs["href"]) for tag, attrs in html.tags if tag == "a"]
    assert hrefs == [
        "http://127.0.0.1:8000/workloads/contract-review/",
        "http://127.0.0.1:8000/settings/",
    ]


def test_the_link_of_a_message_is_the_last_and_leads_inside() -> None:
    assert link_in(f"one\n{LINK}\ntwo\n{LINK}?tab=2#end\nbye", BASE) == "/workloads/x/?tab=2#end"
    for text in ("nothing", f"see {LINK}", f"{LINK} now", f"{BASE}//evil.example", f"{BASE}/\\evil",
                 f"{BASE}.evil.example/", BASE, "/workloads/x/"):  # fmt: skip
        assert not link_in(text, BASE), text


@given(st.text())
def test_a_subject_is_one_line_and_ends_at_a_word(text: str) -> None:
    cut = one_line(text)
    assert len(cut) <= SUBJECT_LENGTH
    assert cut.isprintable()
    whole = one_line(text, 10**9)
    assert cut == whole or (cut.endswith("…") and whole.startswith(cut[:-1]))


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a short one", "a short one"),
        ("word " * 40, "word " * 29 + "word…"),
        ("To decide: a, " + "b" * 200, "To decide: a…"),
        ("x" * 200, "x" * (SUBJECT_LENGTH - 1) + "…"),
        ("tab\there \x07 \u202eand\u2028there\x00", "tab here and there"),
    ],
)
def test_long_subjects_are_cut_at_a_word(text: str, cut: str) -> None:
    assert one_line(text) == cut


@given(st.lists(st.sampled_from(["", " ", "words", "a: b", "Go:", LINK, "\r", "<b>", "x: "])))
def test_no_line_is_lost_between_text_and_paragraphs(lines: list[str]) -> None:
    made = section("\n".join(lines), BASE)
    said = [
        word
        for paragraph in made.paragraphs
        for line in paragraph
        for word in f"{line.label} {line.text} {line.href}".split()
    ]
    assert sorted(w.rstrip(":") for w in said if w != LINK) == sorted(
        w.rstrip(":") for w in made.text.split() if w not in {LINK, ":"}
    )
    assert tidy(made.text) == made.text


def test_a_line_of_figures_keeps_its_kind(settings: Any) -> None:
    ((cost, none), (go,)) = section(
        f"Projected cost (Space: x): $1\nNo declared value.\n\nDecide here:\n{LINK}", BASE
    ).paragraphs
    assert (cost.label, cost.text) == ("Projected cost (Space: x)", "$1")
    assert (none.label, none.text) == ("", "No declared value.")
    assert (go.text, go.href) == ("Decide here", LINK)


def test_a_mail_that_was_dropped_names_no_sending_time(cast: Cast) -> None:
    submitted(cast)
    cast.priya.is_active = False
    cast.priya.save()
    message = told(cast, "priya")
    assert message.mail
    send_mail(mail_id=message.mail.pk)
    assert Mail.objects.get().sent_at is None
