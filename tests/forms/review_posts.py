"""Every POST of budget reviews and packs."""

from records.clock import today
from tests.cast import Cast, added
from tests.forms.edits import Edit
from tests.forms.pages import WHY, Post
from tests.reviews.made import opened

TOO = "I say so too & mean it."


def of_review(cast: Cast) -> Post:
    return Post(cast.felix, "/reviews/new/", {"name": "Fourth quarter", "as_of": f"{today()}"})


def of_change(cast: Cast) -> Post:
    typed = {"name": "Quarter three", "as_of": f"{today()}"}
    return Post(cast.felix, f"/reviews/{opened(cast).pk}/edit/", typed)


def of_note(cast: Cast) -> Post:
    workload = added(cast)
    page = f"/reviews/{opened(cast).pk}/workloads/{workload.slug}/"
    return Post(cast.felix, page, {"direction": "watch", "notes": WHY})


def of_closing(cast: Cast) -> Post:
    added(cast)
    return Post(cast.felix, f"/reviews/{opened(cast).pk}/close/", {"summary": WHY})


def of_pack(cast: Cast) -> Post:
    return Post(cast.felix, "/packs/", {}, "/packs/new/")


POSTS = {
    "review-new": of_review,
    "review-edit": of_change,
    "review-workload": of_note,
    "review-close": of_closing,
    "pack-new": of_pack,
}
EDITS = {
    "review-edit": Edit(
        {"name": "One", "as_of": "2026-09-30"},
        {"name": "Two & more", "as_of": "2026-09-29"},
        ("One", "Two &amp; more"),
    ),
    "review-workload": Edit(
        {"direction": "watch", "notes": WHY},
        {"direction": "scale", "notes": TOO},
        ("I say so too &amp; mean it.",),
    ),
    "review-close": Edit({"summary": WHY}, {"summary": TOO}, ("I say so too &amp; mean it.",)),
}
MAKE = {"review-new", "pack-new"}
# There is nothing more to close.
SETTLED = {"review-close"}
