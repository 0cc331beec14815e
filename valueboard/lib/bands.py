"""Bands: which of several named ranges a ratio falls into, and how a ratio is printed.

Only the mechanism; the names and bounds in force are data of the organisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from valueboard.lib import formats

TWO_DECIMALS_BELOW = 10


@dataclass(frozen=True, slots=True)
class Bound:
    """A band and the smallest ratio that belongs to it."""

    band: str
    at_least: Decimal


def bounds_of(
    strong: Decimal, solid: Decimal, marginal: Decimal, thin: Decimal
) -> tuple[Bound, ...]:
    """Return the bounds of the Investment Prospect bands, from the highest (METHOD 5)."""
    return (
        Bound("strong", strong),
        Bound("solid", solid),
        Bound("marginal", marginal),
        Bound("thin", thin),
        Bound("weak", Decimal(0)),
    )


# A bound is compared with every workload.
_ratio_of = lru_cache(maxsize=64)(Decimal.as_integer_ratio)


def band_of(ratio: Fraction, bounds: Sequence[Bound]) -> str:
    """Return the band of the largest bound that `ratio` reaches.

    `bounds` fall from the largest to the smallest, whose bound is 0. The ratio is exact, so that
    a ratio a hair below a bound stays below it.
    """
    number, of = ratio.as_integer_ratio()
    for bound in bounds:
        least, parts = _ratio_of(bound.at_least)
        if number * parts >= least * of:
            return bound.band
    message = f"No band reaches down to {ratio}: the lowest bound must be 0."
    raise ValueError(message)


def format_multiple(ratio: Fraction) -> str:
    """Print a ratio rounded down, so that no figure looks better than its band (METHOD 5).

    Two decimals below 10 (`7.22×`), none from there on (`23×`).
    """
    if ratio >= TWO_DECIMALS_BELOW:
        return f"{formats.number(ratio.numerator // ratio.denominator)}×"
    hundredths = ratio.numerator * 100 // ratio.denominator
    return f"{hundredths // 100}.{hundredths % 100:02}×"
