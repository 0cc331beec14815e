"""Amounts of money: reading what people type, rounding, and printing.

Amounts are `Decimal`, in units of one currency (dollars, not cents) unless a name says otherwise.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from valueboard.lib import formats
from valueboard.lib.formats import MINUS

CENT = Decimal("0.01")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
SCALES = {"": 1, "k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9}
MOST_DIGITS_OF_A_SCALE = 10
_TYPED = re.compile(
    r"""^(?P<sign>[-\N{MINUS SIGN}+]?)
        (?P<whole>\d{1,3}(?:[,\u00a0\u202f ']\d{3})+|\d+)?
        (?P<fraction>\.\d*)?
        \s*(?P<scale>k|m|mn|b|bn)?$""",
    re.VERBOSE | re.IGNORECASE,
)


class NotANumberError(ValueError):
    """What was typed cannot be read as one number; the message is for the person who typed it."""


def to_cents(amount: Decimal, context: Context | None = None) -> Decimal:
    """Round half up to the cent (METHOD 3 and 4); `context` holds as many digits as that takes."""
    return amount.quantize(CENT, ROUND_HALF_UP, context)


def parse_number(typed: str) -> Decimal:
    """Read `1,200,000`, `1.2m`, `1 200 000.50` or `-3`; raise `NotANumberError` otherwise."""
    match = _TYPED.match(typed.strip())
    if match is None or not (match["whole"] or (match["fraction"] or "").strip(".")):
        message = f"“{typed.strip()}” is not a number. Write it like 1,200,000 or 1.2m."
        raise NotANumberError(message)
    digits = re.sub(r"\D", "", match["whole"] or "0") + (match["fraction"] or "")
    with localcontext() as context:
        # As many digits as were typed: nothing is rounded away before somebody can object.
        context.prec = len(digits) + MOST_DIGITS_OF_A_SCALE
        number = Decimal(digits) * SCALES[(match["scale"] or "").lower()]
    return number.copy_negate() if match["sign"] in {"-", MINUS} else number


def parse_money(typed: str, currency: str) -> Decimal:
    """Read an amount with or without the sign or code of `currency`; raise `NotANumberError`."""
    text = typed.strip()
    for mark in (currency, SYMBOLS.get(currency, currency)):
        sign, literal = r"^([-\N{MINUS SIGN}+]?)\s*", re.escape(mark)
        text = re.sub(rf"{sign}{literal}\s*", r"\1", text, flags=re.IGNORECASE)
        text = re.sub(rf"\s*{literal}$", "", text, flags=re.IGNORECASE)
    return parse_number(text)


def parse_percent(typed: str) -> Decimal:
    """Read `25`, `25%` or `25 %`; raise `NotANumberError` otherwise."""
    return parse_number(re.sub(r"\s*%$", "", typed.strip()))


def format_number(number: Decimal, decimals: int | None = None) -> str:
    """Print a number as the reader's locale writes it (`formats.number`)."""
    return formats.number(number, decimals)


def format_money(amount: Decimal, currency: str, decimals: int | None = None) -> str:
    """Print an amount in full: `$4,600,000`, `$159,171.27`, `−$3.10`, `CHF 12`.

    Without `decimals` cents stand only where there are any.
    """
    if decimals is None:
        decimals = 0 if amount == amount.to_integral_value() else 2
    number = format_number(amount, decimals)
    symbol = SYMBOLS.get(currency, f"{currency}\u00a0")
    return f"{MINUS}{symbol}{number[1:]}" if number.startswith(MINUS) else f"{symbol}{number}"


def exact_money(amount: Decimal, currency: str) -> str:
    """Print an amount to its last digit, with at least two decimals: `$4,064.4831315379`."""
    number = format_number(amount)
    whole, _, fraction = number.partition(".")
    symbol = SYMBOLS.get(currency, f"{currency}\u00a0")
    sign = MINUS if whole.startswith(MINUS) else ""
    return f"{sign}{symbol}{whole.removeprefix(MINUS)}.{fraction:0<2}"


def compact_money(amount: Decimal, currency: str) -> str:
    """Print an amount in few characters, three significant digits: `$3.66M`, `$412k`, `$87`."""
    size = abs(amount)
    scale, letter = next(
        ((Decimal(scale), letter)
         for scale, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k"))
         # 999,500 is already a million once it is rounded.
         if size >= scale - Decimal(scale) / 2000),
        (Decimal(1), ""),
    )  # fmt: skip
    scaled = amount / scale
    whole_digits = len(str(abs(int(scaled))))
    decimals = max(0, 3 - whole_digits) if letter else 0
    text = format_money(scaled, currency, decimals)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}{letter}"


def format_percent(percent: Decimal, decimals: int | None = None) -> str:
    """Print `25%` or, with `decimals`, `86.7%`; what is there is never printed as none: `<0.1%`."""
    if decimals is not None:
        smallest = Decimal(1).scaleb(-decimals)
        if 0 < percent < smallest / 2:
            return f"<{smallest}%"
    return f"{format_number(percent, decimals)}%"
