"""What engines' decimals can't do exactly: a quotient, and an amount in another currency.

Everything is rounded once, half even, at the last decimal that the database keeps (24). A product
of an amount with 12 decimals and a rate with 10 needs no rounding.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal

Rates = Mapping[str, Decimal]  # currency -> what one unit of it is in the organisation's

ONE = Decimal(1)
LAST_PLACE = Decimal(1).scaleb(-24)
# Products and sums of what is held are exact in this many digits; Python's own 28 would round.
EXACT = Context(prec=150, rounding=ROUND_HALF_EVEN)
# The database keeps as many.
KEPT = Context(prec=38, rounding=ROUND_HALF_EVEN)


def add(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def product(amount: Decimal, rate: Decimal) -> Decimal:
    """Return the exact product."""
    return EXACT.multiply(amount, rate)


def converted(amount: Decimal, rate: Decimal) -> Decimal:
    """Return an amount in another currency, to 24 decimals.

    Raise InvalidOperation for one that the database can't keep: of 10¹⁴ or more.
    """
    return product(amount, rate).quantize(LAST_PLACE, context=KEPT)


def scaled(amount: Decimal, net: Decimal, gross: Decimal, *, rate: Decimal = ONE) -> Decimal:
    """Return `amount × net / gross` in another currency, to 24 decimals; `gross` is not 0.

    Raise InvalidOperation for one that the database can't keep: of 10¹⁴ or more.
    """
    scale = product(product(amount, net), rate)
    return EXACT.divide(scale, gross).quantize(LAST_PLACE, context=KEPT)
