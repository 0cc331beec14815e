"""Every form on what others may change too: two people open it, one saves first.

By the name of the address, as in `posts`: what the first and the second type, and what of it the
second must find again.
"""

from typing import Any, NamedTuple


class Edit(NamedTuple):
    """What is typed in the first tab, and in the second."""

    first: dict[str, Any]
    second: dict[str, Any]
    kept: tuple[str, ...] = ()
    """Texts of the second that its answer must show."""


WHY, TOO = "Because it is so.", "I say so too & mean it."
EDITS: dict[str, Edit] = {
    "space-edit": Edit(
        {"name": "Finding"},
        {"name": "Search & find", "reason": TOO},
        ("Finding", "Search &amp; find", "I say so too &amp; mean it."),
    ),
    "workload-edit": Edit(
        {"name": "One", "purpose": "One purpose.", "reason": WHY},
        {"name": "Two", "purpose": "Two purposes.", "reason": TOO},
        ("One purpose.", "Two purposes.", "I say so too &amp; mean it."),
    ),
    "person": Edit(
        {"name": "Samuel", "roles": ["finance"], "active": "on"},
        {"name": "Samantha", "active": "on", "roles": "executive", "reason": TOO},
        ("Samuel", "Samantha", "I say so too &amp; mean it."),
    ),
    "membership": Edit(
        {"role": "product_owner"},
        {"role": "member", "reason": TOO},
        ("I say so too &amp; mean it.",),
    ),
    "membership-remove": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
    "request-edit": Edit(
        {"draft": "1", "name": "Contract review", "purpose": "One."},
        {"draft": "1", "name": "Contract reading", "purpose": "Two <b>."},
        ("Contract reading", "Two &lt;b&gt;."),
    ),
    "request-withdraw": Edit(
        {"note": WHY}, {"note": TOO}, ("It was not withdrawn", "I say so too &amp; mean it.")
    ),
    "estimate-revise": Edit(
        {"monthly_amount": "10,100", "reason": WHY},
        {"monthly_amount": "10,200", "reason": TOO},
        ("10,200", "I say so too &amp; mean it."),
    ),
    "case-revise": Edit(
        {"percent": "20", "reason": WHY},
        {"percent": "21.5", "reason": TOO},
        ("21.5", "I say so too &amp; mean it."),
    ),
    "case-retract": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
    "threshold-set": Edit(
        {"value": "100", "reason": WHY},
        {"value": "200", "reason": TOO},
        ('value="200"', "I say so too &amp; mean it."),
    ),
    "bounds-set": Edit(
        {"strong": "6", "reason": WHY},
        {"strong": "7", "reason": TOO},
        ('value="7"', "I say so too &amp; mean it."),
    ),
    "delegation-take-back": Edit(
        {"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)
    ),
    "workload-send": Edit({"note": WHY}, {"note": TOO}, ("I say so too &amp; mean it.",)),
    "request-submit-again": Edit({"note": WHY}, {"note": TOO}, ("I say so too &amp; mean it.",)),
    "decide": Edit(
        {"outcome": "returned", "rationale": WHY},
        {"outcome": "rejected", "rationale": TOO},
        ("I say so too &amp; mean it.",),
    ),
    "confirm-estimate": Edit(
        {"rationale": WHY}, {"rationale": TOO}, ("I say so too &amp; mean it.",)
    ),
    "name-merge": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
    "name-unmerge": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
    "export": Edit(
        {"name": "One", "reason": WHY},
        {"name": "Two", "reason": TOO},
        ("One", "Two", "I say so too &amp; mean it."),
    ),
    "rule": Edit(
        {"account": "7", "reason": WHY},
        {"account": "8", "reason": TOO},
        (">\n8</textarea>", "I say so too &amp; mean it."),
    ),
    "rule-draft-new": Edit({"account": "7"}, {"account": "8"}, (">\n8</textarea>",)),
    "rule-draft-change": Edit({"account": "7"}, {"account": "8"}, (">\n8</textarea>",)),
    "rule-draft-retire": Edit({}, {}, ("your draft as it is now",)),
    "rule-drafted": Edit({"account": "7"}, {"account": "8"}, (">\n8</textarea>",)),
    "rule-drafted-remove": Edit({}, {}, ("your draft as it is now",)),
    "rule-draft-run": Edit({"reason": WHY}, {"reason": TOO}, ("your draft as it is now",)),
    "rule-retire": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
    "signal": Edit(
        {"note": "One.", "reason": WHY},
        {"note": "Two.", "reason": TOO},
        ("Two.", "I say so too &amp; mean it."),
    ),
    "basis": Edit(
        {"basis": "unblended", "reason": WHY},
        {"basis": "net_amortised", "reason": TOO},
        ("I say so too &amp; mean it.",),
    ),
    "rate": Edit(
        {"rate": "1.09", "reason": WHY},
        {"rate": "1.1", "reason": TOO},
        ('value="1.1"', "I say so too &amp; mean it."),
    ),
    "month-close": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
    "month-counting": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
    "month-reopen": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
    "adjustment": Edit({"reason": WHY}, {"reason": TOO}, ("I say so too &amp; mean it.",)),
}
