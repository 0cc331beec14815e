"""What leads to no panel: classes of elements and whole pages, each by name and with its reason."""

from urllib.parse import urlsplit

from django.urls import resolve

CLASSES = {
    "bound": "A limit that words name: it leads to Thresholds, or is a rule of its field.",
    "treemap": "The map repeats the figures of the table's rows, which lead there.",
    "pack-method": "The bounds of the bands as the pack's method names them, with their version.",
    "preview": "What somebody is typing comes to this. Nothing of it is recorded, so there is "
    "nothing yet that a panel could lead to; the preview itself says what it multiplies.",
}
A_BILL = "An amount as AWS charged it: it leads to its lines, and is proven beside them."
SET = "What somebody set, with its versions: nothing is computed."
PAGES = {
    "figure": "The panel itself.",
    "inbox": "Letters as they were sent.",
    "settings": "Examples of how numbers are written.",
    "thresholds": SET,
    "threshold-set": SET,
    "bounds-set": SET,
    "preset-apply": SET,
    "spend": A_BILL,
    "spend-line": A_BILL,
    "spend-lines": A_BILL,
    "deliveries": A_BILL,
    "delivery-month": A_BILL,
    "month-counting": A_BILL,
    "month-reopen": A_BILL,
    "adjustment": A_BILL,
    "rule-draft-run": A_BILL,
}


def is_exempt(address: str) -> bool:
    """Tell whether a page's amounts need no panel."""
    return resolve(urlsplit(address).path).url_name in PAGES
