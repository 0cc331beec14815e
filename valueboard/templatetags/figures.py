"""Printing figures: every number of the product goes through here, and says what kind it is.

A figure that can be explained is a link to how it is made; what is a figure of a page without
explanations is printed plain.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from valueboard.lib import formats
from valueboard.lib.bands import format_multiple
from valueboard.lib.explained import MONTH, Given, What
from valueboard.lib.figure import POINTS, Figure, Kind, Made, Note
from valueboard.lib.formats import MINUS
from valueboard.lib.money import (
    compact_money,
    exact_money,
    format_money,
    format_number,
    format_percent,
)
from valueboard.lib.palette import LOOK_OF

register = template.Library()


class HasFigures(Protocol):
    """A row with figures, each by what it is."""

    def figure_of(self, what: What) -> Figure | None:
        """Return the figure; None where there is none."""


NONE = "—"


def words(figure: Figure, *, compact: bool = False) -> str:
    """Return a figure as text: `$1,150,000`, `$1.15M`, `7.22×`, `86.7%`."""
    stated = figure.kind in {Kind.DECLARED, Kind.PROJECTED}
    if figure.unit == "×":
        # Rounded down like the band's bound, never up to the next whole multiple.
        size = format_multiple(abs(Fraction(figure.amount)))
        return f"{MINUS}{size}" if figure.amount < 0 else size
    if figure.unit == "%":
        # What somebody stated is shown as stated, a share that we computed to one decimal.
        return format_percent(figure.amount, None if stated else 1)
    if figure.unit == POINTS:
        return f"{format_number(figure.amount)} points"
    if compact:
        return compact_money(figure.amount, figure.unit)
    # Projected and actual amounts always carry their cents, so that a column lines up; declared
    # dollars, which have a value type, only where somebody declared cents.
    decimals = None if figure.value_type else 2
    return format_money(figure.amount, figure.unit, decimals)


def kind_words(figure: Figure) -> str:
    """Return what the figure is and how it is made, for whoever asks."""
    described = figure.describe()
    parts = [described[0].upper() + described[1:]]  # "Declared Cost Saving USD"
    if figure.formula:
        parts.append(figure.formula)
    parts.extend(f"{source.label}: {source.value}" for source in figure.sources)
    return ". ".join(parts)


@register.filter
def figure(value: Figure | None) -> SafeString | str:
    """Print a figure in full with its kind; a dash where there is none."""
    if value is None:
        return NONE
    return _print(value, words(value))


@register.filter
def cell(row: HasFigures, what: str) -> SafeString | str:
    """Print one figure of a row, such as `row|cell:"projected"`; it takes no other than `What`."""
    return figure(row.figure_of(What(what)))


@register.filter
def figure_plain(value: Figure) -> SafeString:
    """Print a figure where it is explained: it leads nowhere."""
    return format_html(
        '<data class="figure" value="{}" data-unit="{}" data-kind="{}">{}</data>',
        f"{value.amount:f}",
        value.unit,
        value.kind.value,
        words(value),
    )


@register.filter
def figure_compact(value: Figure | None) -> SafeString | str:
    """Print a figure in few characters with its kind, the exact amount one step away."""
    if value is None:
        return NONE
    return _print(value, words(value, compact=True))


@register.filter
def figure_exact(value: Figure | None) -> SafeString | str:
    """Print an amount to its last digit with its kind: for proofs, where nothing is rounded."""
    if value is None:
        return NONE
    return _print(value, exact_money(value.amount, value.unit))


@register.filter
def figure_to_cent(value: Figure | None) -> SafeString | str:
    """Print an amount to the cent, with its last digit one step away: for proofs, which have many.

    The exact amount is in `value`, and in the words that a pointer shows.
    """
    if value is None:
        return NONE
    return format_html(
        '<data class="figure" value="{}" data-kind="{}" title="{}">{}</data>',
        f"{value.amount:f}",
        value.kind.value,
        f"{kind_words(value)}. Exactly {exact_money(value.amount, value.unit)}.",
        words(value),
    )


@register.filter
def given(value: Given) -> str:
    """Print one thing that a figure is made of as it is: to its last digit, nothing rounded."""
    shown = value.figure
    if shown is not None:
        exact = shown.unit not in {"%", "×", POINTS}
        return exact_money(shown.amount, shown.unit) if exact else words(shown)
    if isinstance(value.value, Decimal | int):
        return format_number(Decimal(value.value))
    if isinstance(value.value, date):
        named = formats.short_month if value.unit == MONTH else formats.day
        return named(value.value)
    return LOOK_OF[value.value].label if value.symbol == "band" else value.value


@register.filter
def figure_change(value: Figure | None) -> SafeString | str:
    """Print by how much a figure changed, with its sign; a dash where nothing is compared."""
    if value is None:
        return NONE
    if not value.amount:
        return "no change"
    return _print(value, f"+{words(value)}" if value.amount > 0 else words(value))


@register.filter
def figure_change_exact(value: Figure | None) -> SafeString | str:
    """Print by how much a figure changed to the last digit, with its sign."""
    if value is None:
        return NONE
    if not value.amount:
        return "no change"
    exact = exact_money(value.amount, value.unit)
    return _print(value, f"+{exact}" if value.amount > 0 else exact)


@register.filter
def note(value: Note | str) -> SafeString | str:
    """Print words beside a figure, as a link where they have amounts in them."""
    if isinstance(value, str) or value.made is None:
        return str(value)
    return format_html('<a class="figure-note" href="{}">{}</a>', figure_url(value.made), value)


@register.filter
def figure_text(value: Figure | None) -> str:
    """Print a figure as plain text, for attributes."""
    return NONE if value is None else words(value)


@register.filter
def money(value: Decimal | None, currency: str) -> str:
    """Print an amount that somebody typed (a planning input, not a figure of the product)."""
    return NONE if value is None else format_money(value, currency)


@register.filter
def percent(value: Decimal | None) -> str:
    """Print a percentage that somebody typed."""
    return NONE if value is None else format_percent(value)


def figure_url(made: Made) -> str:
    """Return the page that explains a figure."""
    return f"{_explanations(get_script_prefix())}?{made.query}"


@lru_cache(maxsize=1)
def _explanations(_prefix: str) -> str:
    """Return the page of explanations; a table asks a thousand times for its address."""
    return reverse("figure")


def _print(value: Figure, text: str) -> SafeString:
    if not isinstance(value, Figure):
        message = f"Templates print figures, not {type(value).__name__}."
        raise TypeError(message)
    if value.made:
        return format_html(
            '<a class="figure" data-kind="{}" aria-describedby="made-{}" href="{}">{}</a>',
            value.kind.value,
            value.kind.value,
            figure_url(value.made),
            text,
        )
    return format_html(
        '<data class="figure" value="{}" data-kind="{}" title="{}">{}</data>',
        f"{value.amount:f}",
        value.kind.value,
        f"{kind_words(value)}. Exactly {words(value)}.",
        text,
    )
