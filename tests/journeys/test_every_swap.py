"""Whatever swaps a part of a page leaves the keyboard where it was, never at the page's beginning.

Each field and link that HTMX asks for is used once, the last of a page first: what a filter leaves
of the page then still has those before it.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.models import User
from allocation_gaps.actions import look_for_gaps
from maturity.actions import keep_scores
from packs.actions import ask_for_pack
from spaces.models import Workload
from tests.cast import Cast

# The places of one field of each name, and of each link, among all that ask.
ASKERS = """() => {
    const fields = ":is(select, input:not([type=hidden], [type=radio]:checked), textarea)";
    const asking = `[hx-get][hx-trigger] ${fields}, form:has([hx-post]) ${fields},
        [hx-get] button:not(.without-script), a[hx-get]`;
    window.askers = () => [...document.querySelectorAll(asking)];
    const places = new Map(
        askers().map((each, at) => [each.id || each.name || each.textContent.trim(), at])
    );
    return [...places].reverse();
}"""
# Use one as the keyboard does, wait for the answer, and say what is wrong.
USE = """async at => {
    const used = askers()[at];
    const menu = used?.closest("details");
    if (menu) menu.open = true;
    used?.focus();
    if (!used || document.activeElement !== used) return "out of reach";
    const answered = new Promise(done => {
        document.addEventListener("htmx:afterSettle", () => done(true), { once: true });
        setTimeout(done, 60_000);
    });
    if (used.matches("a, button, [type=checkbox], [type=radio]")) used.click();
    else {
        if (used.matches("select")) used.selectedIndex = used.options.length - 1;
        else used.value = used.type === "date" ? "2026-10-01" : "12";
        used.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (!await answered) return "never answered";
    await new Promise(requestAnimationFrame);
    return document.activeElement === document.body ? "lost" : "";
}"""
ADDRESSES = {
    "felix": [
        "/",
        "/gaps/",
        "/maturity/what-if/",
        "/packs/",
        "/requests/",
        "/spend/",
        "/spend/lines/",
    ],
    "priya": ["/inbox/"],
    "olivia": ["/workloads/unbacked/estimate/"],
}


@pytest.mark.django_db(transaction=True)
def test_no_swap_loses_the_focus(
    page: Page, sign_in: Callable[[User], None], cast: Cast, organisation: Workload
) -> None:
    look_for_gaps()
    keep_scores()
    ask_for_pack(actor=cast.felix, query="")
    for who, addresses in ADDRESSES.items():
        sign_in(getattr(cast, who))
        for address in addresses:
            page.goto(address)
            askers = page.evaluate(ASKERS)
            assert askers, f"Nothing on {address} asks"
            wrong = {name: page.evaluate(USE, at) for name, at in askers}
            assert not any(wrong.values()), f"{address}: {wrong}"
