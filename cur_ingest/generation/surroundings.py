"""What stands on every bill around AI: compute, databases, storage, support. All made up."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from zlib import crc32

from cur_ingest.generation.plan import Stream
from valueboard.lib.money import to_cents

# Dollars a month of an average account, by service.
AVERAGE = {
    "compute": 96_000,
    "database": 38_000,
    "storage": 17_000,
    "functions": 6_000,
    "monitoring": 4_500,
}
SUPPORT = 12_500


def surroundings(accounts: Mapping[str, str], payer: str, months: Sequence[date]) -> list[Stream]:
    """Return streams of other services: each account of its own size, drifting month by month."""
    streams = [
        Stream(
            service,
            account,
            {
                month: to_cents(
                    average
                    * _wobble(account, 40, 160)
                    * _wobble(f"{account} {service} {month}", 94, 106)
                )
                for month in months
            },
        )
        for account in accounts
        if account != payer
        for service, average in AVERAGE.items()
    ]
    return [*streams, Stream("support", payer, dict.fromkeys(months, Decimal(SUPPORT)))]


def _wobble(name: str, low: int, high: int) -> Decimal:
    """Return a factor between `low` and `high` percent that the name alone decides."""
    return Decimal(low + crc32(name.encode()) % (high - low + 1)) / 100
