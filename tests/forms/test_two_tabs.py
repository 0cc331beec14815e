"""Two people, or two tabs, on one form: the first to save wins, the second loses no word."""

import pytest

from tests.cast import Cast
from tests.forms.edits import EDITS
from tests.forms.pages import form_to
from tests.forms.parts import PARTS
from tests.forms.posts import POSTS
from valueboard.lib.http import KEY_FIELD

pytestmark = pytest.mark.django_db
# They make something new; two of a name are told so beside the name.
MAKE = {
    "space-new",
    "person-new",
    "membership-add",
    "request-new",
    "workload-add",
    "request-comment",
    "delegation-new",
    "rate-new",
    "export-new",
    "rule-new",
    "signal-new",
    "checkpoint-take",
    "restored-say",
}
# What they do the second time is what they did the first time, or one's own last choice.
SAME = {
    "load-ask",
    "inbox-read",
    "message-open",
    "message-read",
    "settings",
    "settings-display",
    "checklist-dismiss",
    "undelivered-again",
}
# Nothing is left to do the same to.
SETTLED = {
    "decide",
    "confirm-estimate",
    "case-retract",
    "rule-retire",
    "rule-draft-retire",
    "rule-drafted-remove",
    "rule-draft-run",
    "name-merge",
    "name-unmerge",
    "membership-remove",
    "workload-send",
    "request-submit-again",
    "request-withdraw",
    "delegation-take-back",
    "month-close",
    "month-reopen",
    "month-counting",
    "adjustment",
}

for part in PARTS:
    EDITS |= getattr(part, "EDITS", {})
    MAKE |= getattr(part, "MAKE", set())
    SAME |= getattr(part, "SAME", set())
    SETTLED |= getattr(part, "SETTLED", set())


def test_every_form_on_what_others_may_change_is_here() -> None:
    assert set(POSTS) == set(EDITS) | MAKE | SAME


@pytest.mark.parametrize("name", EDITS)
def test_the_first_to_save_wins_and_the_second_keeps_every_word(cast: Cast, name: str) -> None:
    post, edit = POSTS[name](cast), EDITS[name]
    one, other = post.client(), post.client()
    first, second = post.body(one) | edit.first, post.body(other) | edit.second
    assert one.post(post.target, first).status_code == 302
    told = other.post(post.target, second)
    assert told.status_code == 409
    page = told.content.decode()
    for text in edit.kept:
        assert text in page
    if name in SETTLED:
        return
    # The form on that page was made from what is saved now: sending it again is on purpose.
    again = form_to(told, post.target, here=post.page)
    assert again.pop(KEY_FIELD)
    for field, text in edit.second.items():
        if field in again:
            assert again[field] == [text]
    chosen = {field: text for field, text in edit.second.items() if field not in again}
    assert other.post(post.target, dict(again) | chosen).status_code == 302
