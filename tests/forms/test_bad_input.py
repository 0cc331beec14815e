"""Bad input, form by form: a clear message beside the field, and nothing lost of what was typed."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, RoleGrant
from approvals.models import Decision
from business_cases.models import BusinessRequest
from spaces.models import Workload
from tests.cast import Cast, submitted
from tests.forms.pages import WHY, form_to
from tests.forms.posts import POSTS
from tests.forms.test_every_post import rows
from tests.soak import SOAK
from valueboard.lib.http import KEY_FIELD

pytestmark = pytest.mark.django_db
BLANK = " \n\t "
MILLION = "x" * 1_000_000
# The three share their fields, so `make test` tries all of them on one.
FIGURES = ("request-new", "request-edit", "workload-add") if SOAK else ("request-new",)

# Which forms, what is typed into which field, and what is said beside it.
BAD: list[tuple[tuple[str, ...] | str, str, str, str]] = [
    # Percentages above the type's limit, and none at all.
    (FIGURES, "percent", "100.01", "at most 100%"),
    (FIGURES, "percent", "0", "above 0"),
    (FIGURES, "percent", "-25 %", "above 0"),
    (FIGURES, "percent", "a quarter", "“a quarter” is not a number"),
    (FIGURES, "percent", "0.00001", "at most 4 decimals"),
    # Amounts of nothing, below it, and past every reason.
    (FIGURES, "current_amount", "0", "above 0"),
    (FIGURES, "current_amount", "−1,000", "above 0"),
    (FIGURES, "current_amount", "200000000000000", "larger than 10¹⁴"),
    (FIGURES, "monthly_amount", "0", "above 0"),
    (FIGURES, "monthly_amount", "$0.00", "above 0"),
    (FIGURES, "monthly_amount", "-1", "above 0"),
    (FIGURES, "monthly_amount", "90bn", "more than 10¹²"),
    (FIGURES, "monthly_amount", "0.001", "to the cent"),
    # Other people's ways of writing numbers: refused, never guessed.
    (FIGURES, "monthly_amount", "1.200.000,50", "Write it like 1,200,000 or 1.2m"),
    (FIGURES, "monthly_amount", "12,50", "Write it like 1,200,000 or 1.2m"),
    (FIGURES, "monthly_amount", "1,200,00", "is not a number"),
    (FIGURES, "monthly_amount", "€5,000", "is not a number"),
    (FIGURES, "monthly_amount", "1e5", "is not a number"),
    (FIGURES, "monthly_amount", "NaN", "is not a number"),
    (FIGURES, "monthly_amount", "=1000*12", "is not a number"),
    (FIGURES, "monthly_amount", "", "Give the cost of the first funded month"),
    (FIGURES, "growth_percent", "100.1", "between −50% and 100%"),
    (FIGURES, "growth_percent", "-50.5", "between −50% and 100%"),
    # Months outside reason.
    (FIGURES, "months", "121", "1 to 120 whole months"),
    (FIGURES, "months", "0", "1 to 120 whole months"),
    (FIGURES, "months", "12.5", "1 to 120 whole months"),
    (FIGURES, "months", "-12", "1 to 120 whole months"),
    (FIGURES, "first_month", "1999-12", "within 20 years"),
    (FIGURES, "first_month", "9999-12", "within 20 years"),
    (FIGURES, "first_month", "2026-13", "is not a month"),
    (FIGURES, "first_month", "31/12/2026", "is not a month"),
    (("request-edit", "workload-add"), "percent", "100.01", "at most 100%"),
    (("request-edit", "workload-add"), "monthly_amount", "0", "above 0"),
    ("estimate-revise", "effective_month", "2020-01", "can't change months that are over"),
    ("estimate-revise", "effective_month", "2099-01", "funding is over before this month"),
    ("estimate-revise", "monthly_amount", "0", "above 0"),
    ("estimate-revise", "months", "121", "1 to 120"),
    ("case-revise", "percent", "101", "at most 100%"),
    ("case-revise", "value_type", "gift", "valid choice"),
    # Texts: blank, too long, and where nothing of the sort is.
    (FIGURES, "name", BLANK, "Name the workload"),
    (FIGURES, "name", "x" * 121, "at most 120"),
    (FIGURES, "purpose", BLANK, "what the workload does"),
    (FIGURES, "basis", BLANK, "how you reached the percentage"),
    ("request-new", "basis", MILLION, "at most 4000"),
    ("request-new", "net_of_review", "perhaps", "valid choice"),
    ("request-new", "space", "support", "no product owner of this Space"),
    ("request-new", "space", "../etc", "no product owner of this Space"),
    ("request-new", "owner", "9" * 40, "none of your Spaces"),
    ("request-new", "owner", "olivia", "none of your Spaces"),
    (("estimate-revise", "case-revise", "case-retract"), "reason", BLANK, "Say why"),
    (("name-merge", "name-unmerge"), "reason", BLANK, "Say why"),
    ("name-merge", "into", "Nobody", "no business case draws on this one"),
    ("decide", "outcome", "", "Choose approve, return or reject"),
    ("decide", "outcome", "maybe", "valid choice"),
    ("decide", "acknowledgement", "", "agree with the declared value"),
    ("decide", "acknowledgement", "no_value", "agree with the declared value"),
    (("decide", "confirm-estimate"), "rationale", BLANK, "Say why"),
    (("decide", "confirm-estimate"), "rationale", "x" * 4001, "at most 4000"),
    ("gap-request", "rationale", BLANK, "Say why you ask"),
    ("gap-request", "rationale", MILLION, "at most 2000"),
    (("rule-new", "rule"), "priority", "0", "greater than or equal to 1"),
    (("rule-new", "rule"), "priority", "first", "whole number"),
    (("rule-new", "rule"), "workload", "0", "valid choice"),
    (("rule-new", "rule", "rule-retire", "signal-new", "signal"), "reason", BLANK, "required"),
    (("rule-new", "rule"), "account", "1" * 2001, "at most 2000"),
    (("signal-new", "signal"), "pattern", BLANK, "required"),
    (("rate-new", "rate"), "rate", "0", "greater than or equal to"),
    (("rate-new", "rate"), "rate", "-1.1", "greater than or equal to"),
    (("rate-new", "rate"), "rate", "1.08541234567", "10 decimal places"),
    (("rate-new", "rate"), "rate", "NaN", "number"),
    (("rate-new", "rate"), "reason", BLANK, "required"),
    ("rate-new", "currency", "eur", "three letters"),
    ("rate-new", "currency", "USD", "needs no rate"),
    ("rate-new", "month", "2026-13", "is not a month"),
    (("signal-new", "signal"), "field", "colour", "valid choice"),
    (("signal-new", "signal"), "is_ai", "2", "valid choice"),
    ("space-new", "name", "COMMERCE", "A Space of this name exists there already."),
    ("space-new", "name", BLANK, "required"),
    ("space-new", "name", "x" * 101, "at most 100"),
    ("space-new", "parent", "0", "valid choice"),
    ("person-new", "email", "nobody", "valid email"),
    ("person-new", "email", "OLIVIA@example.com", "exists already"),
    ("person-new", "name", BLANK, "required"),
    ("person-new", "password", "short", "at least 12"),
    ("person-new", "roles", "king", "valid choice"),
    ("membership-add", "space", "", "required"),
    ("membership-add", "role", "king", "valid choice"),
    ("settings", "choice", "hourly", "valid choice"),
    ("membership", "role", "king", "valid choice"),
    ("person", "name", BLANK, "required"),
    ("person", "name", "x" * 151, "at most 150"),
    ("threshold-set", "value", "a lot", "is not a number"),
    ("threshold-set", "value", "-1", "above 0"),
    ("threshold-set", "value", "9" * 40, "at most"),
    ("threshold-set", "value", "1.00001", "4 decimals at most"),
    ("threshold-set", "effective_from", "2020-01-01", "today or later"),
    ("threshold-set", "effective_from", "9999-12-31", "within five years"),
    ("threshold-set", "effective_from", "soon", "valid date"),
    ("threshold-set", "reason", BLANK, "Say why"),
    ("bounds-set", "strong", "0.1", "must fall from Strong to Thin"),
    ("bounds-set", "thin", "x", "number"),
    ("bounds-set", "thin", "NaN", "number"),
    ("delegation-new", "delegate", "0", "valid choice"),
    ("delegation-new", "first_day", "2020-01-01", "can't lie in the past"),
    ("delegation-new", "last_day", "2020-01-01", "can't come before the first"),
    ("delegation-new", "last_day", "9999-12-31", "days"),
    (("delegation-new", "delegation-take-back"), "reason", BLANK, "Say why"),
    ("request-comment", "text", BLANK, "Write something"),
    ("request-comment", "text", "x" * 5001, "at most 5,000 characters"),
]
CHOSEN = {
    "acknowledgement", "choice", "delegate", "field", "is_ai", "net_of_review", "outcome", "owner",
    "parent", "role", "roles", "space", "value_type", "workload",
}  # fmt: skip
CASES: dict[str, list[tuple[str, str, str]]] = {}
for names, *case in BAD:
    for each in [names] if isinstance(names, str) else names:
        CASES.setdefault(each, []).append((case[0], case[1], case[2]))


def beside(page: str, field: str) -> str:
    """Return what is said beside a field, once its control names it as its description."""
    said = re.search(rf'<div id="id_{field}_error">(.*?)</div>', page, re.DOTALL)
    control = re.search(rf'<(?:input|select|textarea|fieldset)\b[^>]*\bid="id_{field}"[^>]*>', page)
    assert said
    assert control
    assert re.search(rf'aria-describedby="[^"]*\bid_{field}_error\b', control[0])
    if not control[0].startswith("<fieldset"):
        assert 'aria-invalid="true"' in control[0]
    return " ".join(unescape(said[1]).split())


def as_posted(body: dict[str, Any]) -> dict[str, list[str]]:
    return {
        name: [str(t).replace("\r\n", "\n") for t in (text if isinstance(text, list) else [text])]
        for name, text in body.items()
        if "password" not in name and text not in ("", [""])
    }


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_said_beside_its_field_and_all_that_was_typed_stays(
    cast: Cast, name: str
) -> None:
    post = POSTS[name](cast)
    client = post.client()
    good, before = post.body(client), rows()
    for field, typed, said in CASES[name]:
        body = good | {field: typed}
        answer = client.post(post.target, body)
        assert answer.status_code == 422, (field, typed[:50])
        page = answer.content.decode()
        assert said in beside(page, field), typed[:50]
        # The summary on top leads to the field.
        assert f'href="#id_{field}' in page
        kept = form_to(answer, post.target, here=post.target)
        assert kept.pop(KEY_FIELD)
        for named, texts in as_posted(body).items():
            # A choice that isn't offered can't be chosen; the message is what is left of it.
            if named == field and named not in kept and named in CHOSEN:
                continue
            assert kept.get(named) == texts, (field, typed[:50], named)
        assert rows() == before, (field, typed[:50])


@pytest.mark.parametrize(
    ("typed", "echo"),
    [
        ("1,200,000", "$1,200,000 a month"),
        ("$1,200,000", "$1,200,000 a month"),
        ("USD 1 200 000.50", "$1,200,000.50 a month"),
        ("1.2m", "$1,200,000 a month"),
        ("1.2 MN", "$1,200,000 a month"),
        ("1'200'000", "$1,200,000 a month"),
        ("950k", "$950,000 a month"),
        ("  10000  ", "$10,000 a month"),
    ],
)
def test_amounts_are_read_as_people_write_them_and_said_back(
    cast: Cast, typed: str, echo: str
) -> None:
    post = POSTS["request-new"](cast)
    client = post.client()
    body = post.body(client) | {"monthly_amount": typed, "percent": "25 %", "recalculate": "1"}
    page = client.post(post.target, body).content.decode()
    assert f'id="id_monthly_amount_echo">{echo}<' in page
    assert 'id="id_percent_echo">25%<' in page
    assert client.post(post.target, post.body(client) | body).status_code == 200


def test_a_threshold_is_read_as_people_write_it_and_stands_so_in_its_form(cast: Cast) -> None:
    post = POSTS["threshold-set"](cast)
    client = post.client()
    assert client.post(post.target, post.body(client) | {"value": "$1.2m"}).status_code == 302
    assert post.body(client, typed=False)["value"] == ["1,200,000"]


def test_a_member_twice_is_said_so(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.adam)
    address = f"/people/{cast.mona.pk}/memberships/"
    answer = client.post(address, {"space": str(cast.commerce.pk), "role": "member"})
    assert answer.status_code == 422
    assert "belongs to the Space already" in beside(answer.content.decode(), "space")


def test_nobody_asks_for_a_space_that_is_not_theirs(cast: Cast) -> None:
    post = POSTS["workload-add"](cast)
    client = post.client()
    assert client.post("/spaces/support/add-workload/", post.typed).status_code == 404
    body = post.body(client) | {"space": "support"}
    answer = client.post(post.target, body)
    assert answer.status_code == 422
    assert not Workload.objects.exists()


def test_a_decision_on_what_one_recorded_is_refused_with_the_reason(cast: Cast) -> None:
    request = submitted(cast)
    RoleGrant.objects.create(user=cast.olivia, role=Role.FINANCIAL_ADMIN)
    client = Client()
    client.force_login(cast.olivia)
    typed = {"outcome": "approved", "acknowledgement": "agreed", "rationale": "It is mine."}
    answer = client.post(f"/approvals/requests/{request.pk}/", typed)
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 403
    assert "so somebody else decides." in page
    assert "<dd>It is mine.</dd>" in page
    assert not Decision.objects.exists()


def test_a_megabyte_is_too_long_and_more_is_not_read(cast: Cast) -> None:
    post = POSTS["request-new"](cast)
    client = post.client()
    assert client.post(post.target, post.body(client) | {"name": MILLION}).status_code == 422
    answer = client.post(post.target, post.body(client) | {"name": MILLION * 3})
    assert answer.status_code == 400
    assert "This can't be read" in unescape(answer.content.decode())
    assert not BusinessRequest.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "/requests/0/", "/requests/99999999999999999999/", "/requests/-1/", "/requests/x/",
        "/requests/99999999999999999999/edit/", "/workloads/nothing-here/", "/workloads/A case/",
        "/workloads/a%00b/", "/spaces/nothing-here/", "/spaces/%F0%9F%A6%84/",
        "/people/99999999999999999999/", "/spend/rules/99999999999999999999/",
        "/spend/signals/99999999999999999999/", "/gaps/99999999999999999999/request/",
        "/gaps/nothing/", "/spend/?month=2026-13", "/spend/?month=0000-00",
        "/spend/export.csv?month=%00", "/inbox/99999999999999999999/open/",
        "/approvals/requests/99999999999999999999/", "/approvals/workloads/nothing-here/",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(cast: Cast, address: str) -> None:
    for user in (cast.adam, cast.felix, cast.olivia):
        client = Client()
        client.force_login(user)
        assert client.get(address).status_code in {403, 404, 405}
        assert client.post(address, {"reason": WHY}).status_code in {403, 404, 405}
