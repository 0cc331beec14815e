"""Every formula by its name and version, in words (docs/method.md 13).

A changed formula is a new version beside the old one: an old date keeps the version of its time.
"""

FORMULAS = {
    "stated@1": "As somebody stated it, in the version named here.",
    "opportunity@1": "O = C × p ÷ 100, rounded half up to the cent.",
    "grown@1": "C + O.",
    "reduced@1": "C − O.",
    "planned@1": (
        "The sum of m × (1 + g ÷ 100)^k over the closed months inside the funding, each by the "
        "estimate in force at its first instant, rounded once, half up, to the cent."
    ),
    "projected@1": (
        "P = the sum of m × (1 + g ÷ 100)^k over the funded months of the funding year that holds "
        "the day: k counts months from the first funded one, each month takes the estimate in "
        "force at its first instant, and the sum is rounded once, half up, to the cent."
    ),
    "funding_year@1": (
        "The sum of m × (1 + g ÷ 100)^k over the funded months of funding year y, rounded once, "
        "half up, to the cent."
    ),
    "term@1": "ΣP = the funding years of the whole term, each rounded to the cent, added up.",
    "share@1": "O × f ÷ 12, rounded half up to the cent.",
    "prospect@1": (
        "S = (O × f ÷ 12) ÷ P, shown rounded down. The band is taken on the exact ratio: the "
        "highest one whose bound it reaches."
    ),
    "prospect_actual@1": (
        "S = (O × M ÷ 12) ÷ A, over the M closed months inside the funding window, shown rounded "
        "down."
    ),
    "run_rate@1": (
        "The charges of the closed months of the last three, added up, × 12 ÷ their number, "
        "rounded half up to the cent."
    ),
    "month_to_date@1": (
        "The charges of this month so far, rounded half up to the cent; not scaled to a year, "
        "since none of the last three months is closed."
    ),
    "spent@1": "The charges of the months, added up, rounded half up to the cent.",
    "median@1": (
        "The middle one of the same weekdays before it, at most eight and at least five of them, "
        "rounded to the cent."
    ),
    "limit@1": (
        "median + the largest of 3.5 × MAD ÷ 0.6745, a quarter of the median, and one unit of the "
        "currency; MAD is the median of the deviations from the median. Rounded to the cent."
    ),
    "month_projected@1": (
        "m × (1 + g ÷ 100)^k of the estimate in force at the month's first instant, rounded half "
        "up to the cent."
    ),
    "fiscal@1": (
        "The sum of m × (1 + g ÷ 100)^k over the twelve months of the fiscal year, of those that "
        "are funded, rounded once, half up, to the cent."
    ),
    "accuracy@1": "(actual spend ÷ projected cost − 1) × 100.",
    "moved@1": "The later amount minus the earlier one; what each cause did adds up to it.",
    "moved_part@1": (
        "What one cause did to an amount: causes are told apart in the order in which they stand, "
        "each with everything before it as it is at the later date."
    ),
    "difference@1": "The one minus the other.",
    "largest@1": "The largest annual amount that one of the cases states counts as what there is.",
    "claimed_share@1": (
        "100 × what they claim together ÷ the largest annual amount, rounded half up to a tenth; "
        "what is not exactly 100 reads as 99.9 or 100.1 at the nearest."
    ),
    "total@1": "Added up: figures of one kind, and of one value type.",
}
