"""Which rates convert a delivery, and which deliveries were converted by a rate since corrected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings

from cur_ingest.models import Delivery, Export, RateVersion
from cur_ingest.sources import NeedsRateError
from valueboard.lib import formats
from valueboard.lib.money import format_number


@dataclass(frozen=True, slots=True)
class RateInUse:
    """A rate in force, and the deliveries that were converted by an earlier version of it."""

    version: RateVersion
    behind: tuple[Delivery, ...]

    @property
    def words(self) -> str:
        """Return the rate as it is read: 1 EUR = 1.0854 USD."""
        return in_words(self.version)


def in_words(version: RateVersion) -> str:
    """Return a rate as it is read: 1 EUR = 1.0854 USD."""
    return f"1 {version.currency} = {format_number(version.rate)} {version.into}"


def rates_of(month: date) -> dict[str, RateVersion]:
    """Return the rate in force of each currency in a billing period, into the organisation's."""
    versions = RateVersion.objects.filter(month=month, into=settings.REPORTING_CURRENCY)
    latest = versions.order_by("currency", "-version").distinct("currency")
    return {version.currency: version for version in latest}


def rates_needed(codes: Iterable[str], month: date, *, where: str) -> dict[str, RateVersion]:
    """Return the rates of a delivery's currencies, by code as the delivery writes it.

    A row without a currency is in the organisation's. Raise NeedsRateError where a rate lacks.
    """
    ours = {"", settings.REPORTING_CURRENCY}
    foreign = {code: code.upper() for code in codes if code.upper() not in ours}
    if not foreign:
        return {}
    known = rates_of(month)
    lacking = sorted(set(foreign.values()) - known.keys())
    if lacking:
        message = (
            f"{where} has rows in {', '.join(lacking)}, and no rate to "
            f"{settings.REPORTING_CURRENCY} is recorded for {formats.month(month)}. "
            "Nothing was loaded; it is once Finance records that rate under Spend, Exchange rates."
        )
        raise NeedsRateError(message, lacking)
    return {code: known[currency] for code, currency in foreign.items()}


def too_large(rates: Iterable[RateVersion], *, where: str) -> NeedsRateError:
    """Return the error for an amount that the database can't keep once it is converted."""
    by = sorted({in_words(rate) for rate in rates})
    return NeedsRateError(
        f"{where}: an amount is too large to be kept once it is converted by {' or '.join(by)}. "
        "Nothing was loaded; have Finance record the right rate under Spend, Exchange rates "
        "(/spend/rates/)."
    )


def kept(rates: dict[str, RateVersion]) -> dict[str, dict[str, object]]:
    """Return the rates as a delivery keeps them."""
    return {
        code: {"currency": rate.currency, "rate": f"{rate.rate:f}", "version": rate.version}
        for code, rate in rates.items()
    }


def are_in_force(delivery: Delivery) -> bool:
    """Tell whether the rates that a delivery was converted by are still those of its month."""
    if not delivery.rates:
        return True
    known = rates_of(delivery.period)
    return all(
        rate["currency"] in known and known[rate["currency"]].version == rate["version"]
        for rate in delivery.rates.values()
    )


def rates_in_use() -> list[RateInUse]:
    """Return every rate in force, the latest month first; two queries."""
    versions = RateVersion.objects.filter(into=settings.REPORTING_CURRENCY)
    latest = versions.order_by("currency", "month", "-version").distinct("currency", "month")
    deliveries = _converted()
    return sorted(
        (
            RateInUse(version, tuple(d for d in deliveries if _otherwise(d, version)))
            for version in latest.select_related("recorded_by")
        ),
        key=lambda rate: (-rate.version.month.toordinal(), rate.version.currency),
    )


def converted_otherwise(version: RateVersion) -> list[Delivery]:
    """Return the latest deliveries of its month that another version of a rate converted."""
    return [delivery for delivery in _converted() if _otherwise(delivery, version)]


def periods_behind(export: Export) -> set[date]:
    """Return the months of an export whose latest delivery an earlier version of a rate converted.

    A rate that is corrected while a month is loaded finds it under way, and asks for no other load.
    """
    mine = (delivery for delivery in _converted() if delivery.export_id == export.pk)
    return {delivery.period for delivery in mine if not are_in_force(delivery)}


def _converted() -> list[Delivery]:
    """Return the latest delivery of each export and month, those that were converted."""
    latest = (
        Delivery.objects.select_related("export")
        .defer("files")
        .order_by("export", "period", "-version")
        .distinct("export", "period")
    )
    return [delivery for delivery in latest if delivery.rates]


def _otherwise(delivery: Delivery, version: RateVersion) -> bool:
    return delivery.period == version.month and any(
        rate["currency"] == version.currency and rate["version"] != version.version
        for rate in delivery.rates.values()
    )


def amounts(rates: dict[str, RateVersion]) -> dict[str, Decimal]:
    """Return what one unit of each currency is in the organisation's."""
    return {code: rate.rate for code, rate in rates.items()}
