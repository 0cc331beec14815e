"""What a delivery came to in each currency that it was charged in, and the rate of conversion."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from cur_ingest.bases import BASES
from cur_ingest.models import Delivery
from valueboard.lib.figure import Figure, Kind


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """The total of one currency in one basis: as charged, and in the organisation's currency."""

    code: str
    basis: str
    charged: Figure
    rate: str
    version: int | None
    converted: Figure


def totals_by_currency(delivery: Delivery) -> Sequence[CurrencyTotal]:
    """Return the totals of a delivery by currency; nothing where none had to be converted."""
    if not delivery.rates:
        return ()
    return [
        _total(delivery, code, basis, Decimal(amounts.get(basis, "0")))
        for code, amounts in sorted(delivery.by_currency.items())
        for basis in BASES
    ]


def _total(delivery: Delivery, code: str, basis: str, amount: Decimal) -> CurrencyTotal:
    kept = delivery.rates.get(code)
    rate = Decimal(kept["rate"]) if kept else Decimal(1)
    # Python rounds to 28 digits unless told otherwise; these have up to 38, and the rate its own.
    with localcontext(prec=100):
        converted = amount * rate
    charged_in = kept["currency"] if kept else delivery.currency
    return CurrencyTotal(
        code=charged_in,
        basis=basis,
        charged=Figure(amount, charged_in, Kind.ACTUAL, None, f"Sum of the rows in {charged_in}"),
        rate=f"{rate.normalize():f}",
        version=kept["version"] if kept else None,
        converted=Figure(
            converted, delivery.currency, Kind.ACTUAL, None, f"Charged × {rate.normalize():f}"
        ),
    )
