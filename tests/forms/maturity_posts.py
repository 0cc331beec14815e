"""The POSTs of the thresholds of maturity."""

from tests.cast import Cast
from tests.forms.edits import TOO, WHY, Edit
from tests.forms.pages import Post


def of_preset(cast: Cast) -> Post:
    return Post(cast.adam, "/thresholds/presets/finops-maturity-2026/", {"reason": WHY})


POSTS = {"preset-apply": of_preset}
EDITS = {
    "preset-apply": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
}
SETTLED = {"preset-apply"}
