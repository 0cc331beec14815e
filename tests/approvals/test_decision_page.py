"""The decision page through the front door: who decides, on what, and what came between."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, RoleGrant, User
from approvals.models import Decision
from business_cases.actions import (
    retract_case,
    revise_case,
    revise_estimate,
    save_draft,
    submit_request,
)
from business_cases.models import BusinessRequest
from records.clock import now
from spaces.models import Workload
from tests.approvals.pages import lower, posted, text_of
from tests.approvals.test_deciding import approve, seen_of, workload_of
from tests.cast import REVENUE, SAVING, TERMS, Cast, added, proposal, submitted


@pytest.mark.parametrize(
    ("name", "queue", "page", "post"),
    [
        ("priya", 200, 200, 302),
        ("felix", 403, 200, 403),
        ("erin", 403, 200, 403),
        ("adam", 403, 404, 404),
        ("olivia", 403, 200, 403),
        ("mona", 403, 200, 403),
        ("oscar", 403, 404, 404),
        ("sam", 403, 404, 404),
    ],
)
def test_who_may_decide(
    client: Client, cast: Cast, *, name: str, queue: int, page: int, post: int
) -> None:
    request = submitted(cast)
    workload = added(cast, proposal(cast, name="Added"))
    client.force_login(getattr(cast, name))
    assert client.get("/approvals/").status_code == queue
    decide, confirm = f"/approvals/requests/{request.pk}/", f"/approvals/workloads/{workload.slug}/"
    for address, about in ((decide, workload_of(request)), (confirm, workload)):
        shown = client.get(address)
        assert shown.status_code == page
        assert client.post(address, posted(about)).status_code == post
        if page == 200:
            assert (b'name="rationale"' in shown.content) is (post == 302)
            assert (b"Only a Financial Admin decides." in shown.content) is (post == 403)
    assert Decision.objects.count() == (2 if post == 302 else 0)


def test_strangers_sign_in_first(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    for address in ("/approvals/", f"/approvals/requests/{request.pk}/"):
        assert client.get(address)["Location"].startswith("/accounts/login/")
    assert client.post(f"/approvals/requests/{request.pk}/", {}).status_code == 401


def owns(cast: Cast, priya: User) -> Workload:
    return workload_of(submitted(cast, proposal(cast, owner=priya)))


def recorded_the_estimate(cast: Cast, priya: User) -> Workload:
    workload = workload_of(submitted(cast))
    _hand_to(workload, priya)
    revise_estimate(
        actor=priya,
        workload=workload,
        seen=1,
        terms=replace(TERMS, monthly=Decimal(9000), effective=_this_month()),
        reason="Cheaper model.",
    )
    _hand_to(workload, cast.olivia)
    return workload


def recorded_the_case(cast: Cast, priya: User) -> Workload:
    workload = workload_of(submitted(cast))
    _hand_to(workload, priya)
    lower_by = replace(SAVING, percent=Decimal(20))
    revise_case(actor=priya, workload=workload, seen=1, case=lower_by, reason="Careful.")
    _hand_to(workload, cast.olivia)
    return workload


def wrote_the_request(cast: Cast, priya: User) -> Workload:
    request = submitted(cast)
    BusinessRequest.objects.filter(pk=request.pk).update(created_by=priya)
    return workload_of(request)


def _this_month() -> Any:
    return now().date().replace(day=1)


def _hand_to(workload: Workload, owner: User) -> None:
    Workload.objects.filter(pk=workload.pk).update(owner=owner)
    workload.refresh_from_db()


@pytest.mark.parametrize("superuser", [False, True])
@pytest.mark.parametrize(
    ("entangle", "reason"),
    [
        (owns, "You own this workload"),
        (recorded_the_estimate, "You recorded its estimate"),
        (recorded_the_case, "You recorded its business case"),
        (wrote_the_request, "You wrote its Business Request"),
    ],
)
def test_nobody_decides_on_their_own(
    client: Client,
    cast: Cast,
    entangle: Callable[[Cast, User], Workload],
    reason: str,
    superuser: bool,  # noqa: FBT001 - a table of cases
) -> None:
    User.objects.filter(pk=cast.priya.pk).update(is_superuser=superuser)
    workload = entangle(cast, cast.priya)
    address = f"/approvals/requests/{BusinessRequest.objects.get(workload=workload).pk}/"
    client.force_login(cast.priya)
    shown = client.get(address)
    assert reason in text_of(shown)
    assert b'name="rationale"' not in shown.content
    assert client.post(address, posted(workload)).status_code == 403
    assert not Decision.objects.exists()


def test_a_financial_admin_without_a_part_in_it_decides(client: Client, cast: Cast) -> None:
    """The matrix's other half: the same roles on one person, the workload somebody else's."""
    RoleGrant.objects.create(user=cast.oscar, role=Role.FINANCIAL_ADMIN)
    request = submitted(cast)
    client.force_login(cast.oscar)
    answer = client.post(f"/approvals/requests/{request.pk}/", posted(workload_of(request)))
    assert answer["Location"] == "/approvals/"


def test_a_draft_is_nothing_to_decide(client: Client, cast: Cast) -> None:
    draft = save_draft(actor=cast.olivia, request=None, seen=0, typed={}, space=cast.commerce)
    client.force_login(cast.priya)
    assert client.get(f"/approvals/requests/{draft.pk}/").status_code == 404


# --- deciding ------------------------------------------------------------------------------------


def test_the_page_has_the_case_as_part_of_it(client: Client, cast: Cast) -> None:
    asked = proposal(cast, estimate=replace(TERMS, months=24))
    request = submitted(cast, asked)
    client.force_login(cast.priya)
    page = text_of(client.get(f"/approvals/requests/{request.pk}/"))
    for said in (
        "$4,600,000",
        "25%",
        "$1,150,000",
        "Outside counsel",
        "Ledger account 6310",
        "A pilot on 400 contracts.",
        "Net of human review",
        "Funding year 1",
        "7.22×",
        "Funding year 2",
        "4.02×",
        "Whole term",
        "5.16×",
        seen_of(workload_of(request)).case,
    ):
        assert said in page, said


@pytest.mark.parametrize(
    ("case", "acknowledgement", "status"),
    [
        (SAVING, "agreed", 302),
        (SAVING, "other_reason", 302),
        (SAVING, "no_value", 422),
        (SAVING, "", 422),
        (SAVING, "made_up", 422),
        (None, "no_value", 302),
        (None, "agreed", 422),
        (None, "other_reason", 422),
        (None, "", 422),
    ],
)
def test_the_acknowledgement_fits_what_was_declared(
    client: Client, cast: Cast, case: Any, acknowledgement: str, status: int
) -> None:
    request = submitted(cast, proposal(cast, case=case))
    client.force_login(cast.priya)
    address = f"/approvals/requests/{request.pk}/"
    offered = [
        value for value, _ in client.get(address).context["form"]["acknowledgement"].field.choices
    ]
    assert offered == (["agreed", "other_reason"] if case else ["no_value"])
    data = posted(workload_of(request), acknowledgement=acknowledgement)
    answer = client.post(address, data)
    assert answer.status_code == status
    if status == 422:
        assert "acknowledgement" in answer.context["form"].errors
        assert "The pilot convinced us." in text_of(answer)
        assert not Decision.objects.exists()
    else:
        assert Decision.objects.get().acknowledgement == acknowledgement


@pytest.mark.parametrize("outcome", ["returned", "rejected"])
@pytest.mark.parametrize("acknowledgement", ["", "agreed"])
def test_only_an_approval_acknowledges(
    client: Client, cast: Cast, outcome: str, acknowledgement: str
) -> None:
    request = submitted(cast)
    client.force_login(cast.priya)
    data = posted(workload_of(request), outcome=outcome, acknowledgement=acknowledgement)
    assert client.post(f"/approvals/requests/{request.pk}/", data).status_code == 302
    decision = Decision.objects.get()
    assert (decision.outcome, decision.acknowledgement) == (outcome, "")
    request.refresh_from_db()
    assert request.state == outcome


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("rationale", ""),
        ("rationale", " \n\t "),
        ("rationale", "\x00"),
        ("rationale", "x" * 4001),
        ("outcome", ""),
        ("outcome", "confirmed"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    client: Client, cast: Cast, field: str, typed: str
) -> None:
    request = submitted(cast)
    client.force_login(cast.priya)
    answer = client.post(
        f"/approvals/requests/{request.pk}/", posted(workload_of(request), **{field: typed})
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Decision.objects.exists()


def test_a_rationale_is_shown_as_it_was_typed(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    client.force_login(cast.priya)
    rationale = '=HYPERLINK("x") <script>alert(1)</script> {{ 7 }}'
    client.post(
        f"/approvals/requests/{request.pk}/", posted(workload_of(request), rationale=rationale)
    )
    assert Decision.objects.get().rationale == rationale
    page = client.get("/approvals/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 }}" in page


# --- between page and click ----------------------------------------------------------------------


def test_a_revision_between_page_and_click_shows_both_and_decides_nothing(
    client: Client, cast: Cast
) -> None:
    request = submitted(cast)
    workload = workload_of(request)
    data = posted(
        workload, rationale="I typed this for ten minutes.", acknowledgement="other_reason"
    )
    lower(cast, workload)
    client.force_login(cast.priya)
    address = f"/approvals/requests/{request.pk}/"
    answer = client.post(address, data)
    assert answer.status_code == 409
    assert not Decision.objects.exists()
    lines = {line.label: line for part in answer.context["difference"].parts for line in part.lines}
    assert [label for label, line in lines.items() if line.changed] == [
        "This funding year",
        "Over the whole term",
        "Expected percentage",
        "Declared annual opportunity",
    ]
    assert [cell.band for cell in lines["This funding year"].cells] == ["strong", "solid"]
    page = text_of(answer)
    for said in ("7.22×", "2.88×", "−$690,000", "−15 points", "I typed this for ten minutes."):
        assert said in page, said
    # What was typed is in the form again, which names what is recorded now.
    again = answer.context["form"]
    kept = {name: again[name].value() for name in again.fields}
    assert kept["acknowledgement"] == "other_reason"
    assert client.post(address, kept).status_code == 302
    assert Decision.objects.get().rationale == "I typed this for ten minutes."


def test_a_case_that_came_between_is_not_taken_for_a_mistake_of_the_form(
    client: Client, cast: Cast
) -> None:
    """Without the first look at what changed, "no declared value" would just not fit any more."""
    request = submitted(cast, proposal(cast, case=None))
    workload = workload_of(request)
    data = posted(workload, acknowledgement="no_value")
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=REVENUE, reason="")
    client.force_login(cast.priya)
    answer = client.post(f"/approvals/requests/{request.pk}/", data)
    assert answer.status_code == 409
    assert "added" in text_of(answer)
    assert not Decision.objects.exists()


def test_a_retraction_and_a_changed_type_stop_a_decision_too(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    workload = workload_of(request)
    client.force_login(cast.priya)
    address = f"/approvals/requests/{request.pk}/"
    data = posted(workload)
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="Counted twice.")
    assert "Retracted" in text_of(client.post(address, data))
    data = posted(workload, acknowledgement="no_value")
    revise_case(actor=cast.olivia, workload=workload, seen=2, case=REVENUE, reason="Another value.")
    assert client.post(address, data).status_code == 409
    data = posted(workload)
    revise_case(actor=cast.olivia, workload=workload, seen=3, case=SAVING, reason="As before.")
    answer = client.post(address, data)
    assert answer.status_code == 409
    assert "not compared" in text_of(answer)
    assert not Decision.objects.exists()


def test_hashes_that_nobody_was_shown_decide_nothing(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    client.force_login(cast.priya)
    for made_up in ({"estimate_seen": "0" * 64}, {"case_seen": ""}, {"estimate_seen": "x" * 999}):
        data = posted(workload_of(request), **made_up)
        assert client.post(f"/approvals/requests/{request.pk}/", data).status_code == 409
    assert not Decision.objects.exists()


def test_the_second_of_two_deciders_is_told_who_and_when(client: Client, cast: Cast) -> None:
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    request = submitted(cast)
    data = posted(workload_of(request), outcome="rejected", rationale="Too dear, I wrote a lot.")
    approve(cast.priya, request)
    client.force_login(cast.felix)
    answer = client.post(f"/approvals/requests/{request.pk}/", data)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Priya Example decided on this on" in page
    assert f"{now().year}" in page
    assert "Too dear, I wrote a lot." in page
    assert b'name="rationale"' not in answer.content
    assert Decision.objects.count() == 1


def test_a_request_described_anew_meanwhile_is_shown_before_it_is_decided(
    client: Client, cast: Cast
) -> None:
    """Returned and submitted again with the same figures: no snapshot is new, yet it is another."""
    request = submitted(cast)
    workload = workload_of(request)
    data = posted(workload, rationale="Typed for ten minutes.")
    approve(cast.priya, request, outcome="returned", acknowledgement="")
    request.refresh_from_db()
    submit_request(
        actor=cast.olivia,
        request=request,
        seen=request.revision,
        proposal=proposal(cast, name="Everything review"),
    )
    client.force_login(cast.priya)
    address = f"/approvals/requests/{request.pk}/"
    answer = client.post(address, data)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Read it again, then decide." in page
    assert "Everything review" in page
    again = answer.context["form"]
    kept = {name: again[name].value() for name in again.fields}
    assert client.post(address, kept).status_code == 302
    assert Decision.objects.get(outcome="approved").rationale == "Typed for ten minutes."
