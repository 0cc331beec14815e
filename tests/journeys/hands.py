"""Somebody who has a keyboard and nothing else."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from tests.cast import PASSWORD

MOST_STOPS = 150
# What the focus looks like where it is. A link within the drawing of the map wears it on its shape,
# a choice that is drawn as a card on the card.
STOP = """() => {
    const here = document.activeElement;
    if (!here || here === document.body) return { nowhere: true };
    const drawn = here.closest("svg") && here.firstElementChild;
    const wears = [here, drawn, here.closest("label")].filter(Boolean);
    const ringed = wears.some((each) => {
        const { outlineStyle, outlineWidth, boxShadow, stroke } = getComputedStyle(each);
        const ring = outlineStyle !== "none" && outlineWidth !== "0px";
        return ring || boxShadow !== "none" || (each === drawn && stroke !== "none");
    });
    const shown = wears.some((each) => {
        const { width, height } = each.getBoundingClientRect();
        return width > 1 && height > 1 && each.checkVisibility({ visibilityProperty: true });
    });
    return { nowhere: false, seen: ringed && shown, html: here.outerHTML.slice(0, 200) };
}"""


class Hands:
    """Keys are pressed and text is typed; nothing is clicked, and no address is entered."""

    def __init__(self, page: Page) -> None:
        """Take the keyboard of a tab."""
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def to(self, place: Locator, *, back: bool = False) -> None:
        """Press Tab until a place has the focus; at every stop one sees where one is."""
        expect(place).to_be_attached()
        key = "Shift+Tab" if back else "Tab"
        for _ in range(MOST_STOPS):
            if place.evaluate("place => place === document.activeElement"):
                return
            self.page.keyboard.press(key)
            stop: dict[str, Any] = self.page.evaluate(STOP)
            # Past the last stop of a page the focus is the browser's, and then begins anew.
            assert stop["nowhere"] or stop["seen"], f"no focus is seen on {stop['html']}"
        message = f"{place} was not reached by {MOST_STOPS} {key}"
        raise AssertionError(message)

    def write(self, place: Locator, text: str) -> None:
        """Go to a field and type into it, over what stands there."""
        self.to(place)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def date(self, place: Locator, month: str, day: str, year: str) -> None:
        """Go to a field for a date and type it in its parts, as it stands in American English."""
        self.to(place)
        self.page.keyboard.type(f"{month}{day}{year}")

    def choose(self, place: Locator, beginning: str) -> None:
        """Go to a list and type how the choice begins."""
        self.to(place)
        self.page.keyboard.type(beginning)

    def enter(self, place: Locator) -> None:
        """Go to a link or a button, and press Enter."""
        self.to(place)
        self.page.keyboard.press("Enter")

    def link(self, name: str, within: Locator | None = None) -> None:
        """Follow the first link of a name."""
        self.enter((within or self.page).get_by_role("link", name=name, exact=True).first)

    def button(self, name: str) -> None:
        """Press the first button of a name."""
        self.enter(self.page.get_by_role("button", name=name, exact=True).first)

    def go(self, name: str) -> None:
        """Go to a page by the main navigation, and open the group that it is in."""
        link = self.page.locator(".nav-main").locator("a", has_text=name)
        group = self.page.locator("details.nav-group", has=self.page.locator("a", has_text=name))
        if group.count() and group.get_attribute("open") is None:
            self.enter(group.locator("summary"))
        self.enter(link)

    def sign_in(self, user: User) -> None:
        """Sign in on the page that asks for it."""
        self.write(self.page.get_by_label("Email"), user.email)
        self.write(self.page.get_by_label("Password"), PASSWORD)
        self.press("Enter")
        expect(self.page.locator(".user-menu")).to_be_visible()
