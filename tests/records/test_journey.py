"""The pages about records in a browser, in all their states: accessible, nothing cut off."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from records.actions import take_checkpoint
from records.models import Checkpoint
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.browser import Axe
from tests.cast import Cast, submitted
from tests.journeys.looking import visit
from tests.records.test_checkpoints import restore


@pytest.mark.django_db(transaction=True)
def test_verifying_and_a_restore_in_the_browser(
    page: Page, sign_in: Callable[[User], None], axe: Axe, cast: Cast
) -> None:
    approve(cast.priya, submitted(cast))
    take_checkpoint(actor=cast.felix, kind=Checkpoint.Kind.ON_DEMAND)
    workload = Workload.objects.get()
    sign_in(cast.olivia)
    page.goto(workload.get_absolute_url())
    page.get_by_role("link", name="Records", exact=True).click()
    expect(page.get_by_text("on this page verify now")).to_be_visible()
    page.get_by_text("The text that the hash is of").first.click()
    expect(page.locator("pre").first).to_contain_text('"scheme":"1"')
    visit(page, axe, f"/workloads/{workload.slug}/records/")
    sign_in(cast.felix)
    page.goto("/records/")
    page.get_by_role("button", name="Take a checkpoint now").click()
    expect(page.get_by_text("Checkpoint 2 was signed and written.")).to_be_visible()
    visit(page, axe, "/records/")


@pytest.mark.django_db(transaction=True)
def test_saying_that_a_backup_was_restored_in_the_browser(  # noqa: PLR0917 - fixtures
    page: Page,
    sign_in: Callable[[User], None],
    axe: Axe,
    cast: Cast,
    location: Path,
    console_errors: list[str],
) -> None:
    restore(location)
    sign_in(cast.adam)
    visit(page, axe, "/records/")
    button = page.get_by_role("button", name="Say that a backup was restored")
    button.click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("What happened").fill("The disk broke; the backup of 02:00 was restored.")
    button.click()
    expect(page.get_by_text("Checkpoint 4 says that a backup was restored.")).to_be_visible()
    visit(page, axe, "/records/")
    assert all("422" in error for error in console_errors)
    console_errors.clear()
