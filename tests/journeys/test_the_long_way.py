"""A request that is returned, doubly claimed, revised and approved by two, in a browser."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from business_cases.actions import add_workload
from records.models import ThresholdVersion
from spaces.models import Workload
from tests.cast import SAVING, Cast, person, proposal, submitted

SignIn = Callable[[User], None]
Axe = Callable[[Page], None]


@pytest.mark.django_db(transaction=True)
def test_returned_with_comments_revised_doubly_claimed_approved_by_two(  # noqa: PLR0915 - one journey
    page: Page, sign_in: SignIn, cast: Cast, axe: Axe
) -> None:
    main = page.locator("main")
    noor = person("Noor", Role.FINANCIAL_ADMIN)
    ThresholdVersion.objects.create(
        key="approval.second_above",
        value=Decimal(100_000),
        effective_from=date(2020, 1, 1),
        reason="The board wants two.",
    )
    # Oscar, whose Space Olivia does not read, saves on the same counsel already.
    others = replace(SAVING, anchor="outside  COUNSEL", percent=Decimal(90))
    add_workload(
        actor=cast.oscar,
        proposal=proposal(
            cast, name="Legal triage", case=others, space=cast.support, owner=cast.oscar
        ),
    )
    asked = submitted(cast)

    # Mona asks; Priya, told of it, returns the request.
    sign_in(cast.mona)
    page.goto(f"/requests/{asked.pk}/")
    page.get_by_label("Comment").fill("Does this cover <b>Spain</b>?")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("ol.timeline")).to_contain_text("Does this cover <b>Spain</b>?")
    sign_in(cast.priya)
    page.goto(f"/approvals/requests/{asked.pk}/")
    expect(main).to_contain_text("Does this cover <b>Spain</b>?")
    expect(main).to_contain_text("Together they claim more than there is")
    expect(main).to_contain_text("$1,150,000 + $4,140,000 = $5,290,000")
    expect(main).to_contain_text("115.0%")
    page.get_by_role("radio", name="Return for changes").check()
    page.get_by_role("textbox", name="Rationale").fill("Leave out what Legal triage saves.")
    axe(page)
    page.get_by_role("button", name="Record the decision").click()

    # Olivia reads why in her inbox, sees the other claim by name, owner and amount, and mends hers.
    sign_in(cast.olivia)
    page.goto("/inbox/")
    axe(page)
    page.get_by_role("button", name="Contract review").first.click()
    expect(main).to_contain_text("Leave out what Legal triage saves.")
    expect(main).to_contain_text("Legal triage")
    expect(main).to_contain_text("$4,140,000")
    expect(main.get_by_role("link", name="Legal triage")).to_have_count(0)
    axe(page)
    page.get_by_role("link", name="Change and submit again").click()
    page.get_by_label("Expected change").fill("10 %")
    expect(page.locator("#panel")).to_contain_text("2.88×")
    expect(page.locator("#panel")).not_to_contain_text("more than there is")
    page.get_by_role("textbox", name="Why the figures changed").fill("Legal triage takes the rest.")
    page.get_by_role("button", name="Submit again").click()
    expect(page.locator("h1")).to_contain_text("Submitted")

    # Two Financial Admins: the first approval brings nothing into force, the second does.
    for first, approver in ((True, cast.priya), (False, noor)):
        sign_in(approver)
        page.goto("/approvals/")
        page.get_by_role("link", name="Contract review").first.click()
        expect(main).to_contain_text("Two Financial Admins approve this")
        expect(main).to_contain_text(
            "Since Priya Example returned it" if first else "gave the first approval"
        )
        page.get_by_role("radio", name="Approve").check()
        page.get_by_role("radio", name="Value reviewed and agreed").check()
        page.get_by_role("textbox", name="Rationale").fill(f"{approver} read it.")
        axe(page)
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_role("status").first).to_contain_text("pprov")
        page.goto(f"/requests/{asked.pk}/")
        expect(page.locator("h1")).to_contain_text("Submitted" if first else "Approved")
    timeline = page.locator("ol.timeline")
    for word in ("Priya Example read it.", "Noor Example read it.", "Leave out what", "Spain"):
        expect(timeline).to_contain_text(word)
    axe(page)

    # The workload's page knows it all.
    workload = Workload.objects.get(name="Contract review")
    sign_in(cast.olivia)
    page.goto(workload.get_absolute_url())
    expect(main).to_contain_text("Revised")
    expect(main).to_contain_text("2.88×")
    axe(page)
    expect(page.get_by_role("region", name="What happened last")).to_contain_text("never changed")

    # The records of it verify; a checkpoint then covers them.
    page.get_by_role("link", name="Records").click()
    expect(main).to_contain_text("records on this page verify now")
    expect(main).to_contain_text("no checkpoint yet")
    expect(main).to_contain_text("Decision v3")
    page.get_by_text("The text that the hash is of").first.click()
    expect(page.locator("pre").first).to_contain_text('"scheme":"1"')
    axe(page)
    sign_in(cast.felix)
    page.goto("/records/")
    axe(page)
    page.get_by_role("button", name="checkpoint").click()
    expect(main).to_contain_text("holds all that checkpoint 1 saw")
    page.goto(f"{workload.get_absolute_url()}records/")
    expect(main).not_to_contain_text("no checkpoint yet")
    axe(page)
