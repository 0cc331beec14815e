"""The cost bases: what a line's amount can mean. One tuple, for everybody who counts them all."""

from decimal import Decimal

# Every delivery, daily line and month total holds an amount in each.
BASES = ("amortised", "unblended", "net_amortised", "net_unblended")
# What pages show until the organisation chooses. In the unblended view the negation of a savings
# plan carries no tag, and what workloads are given overstates.
DEFAULT = "amortised"
# What each is, for the label beside its figures.
BASIS_WORDS = {
    "amortised": "commitments spread over the usage they cover",
    "unblended": "as charged on the day",
    "net_amortised": "after negotiated discounts, commitments spread over the usage they cover",
    "net_unblended": "after negotiated discounts, as charged on the day",
}


def named(basis: str) -> str:
    """Return the name of a basis as people write it: `net amortised`."""
    return basis.replace("_", " ")


def spread(basis: str) -> str:
    """Return the basis with commitments spread over usage, net or gross as this one is."""
    return basis.replace("unblended", "amortised")


def amount_in(row: object, basis: str, *, prefix: str = "") -> Decimal:
    """Return what a delivery or month total holds in a basis; `prefix` may be `positive_`.

    Frozen rows from before net costs were read hold none, and can't be given one. Net is gross
    there, as for an export that has no net columns; loading the month again reads them.
    """
    amount: Decimal | None = getattr(row, prefix + basis)
    if amount is None:
        gross: Decimal = getattr(row, prefix + basis.removeprefix("net_"))
        return gross
    return amount
