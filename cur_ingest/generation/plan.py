"""What a made-up organisation spends, as values: the input of the generator. No Django.

Amounts are what the bill charges in a whole month in the amortised basis, before tax and credits;
the generated rows of a complete month add up to them to the cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Stream:
    """One way in which an account spends, month by month.

    `service` is a key of `generation.services.SERVICES`; `amounts` are dollars by first day of the
    month. With a `workload` its resources carry the tag `workload` with that value. `principal`
    is the end of the caller's ARN, such as `user/alice` or `assumed-role/Gateway/session`. Before
    `first_day` there is none. On the day `jump` it costs several times what is usual; the month as
    a whole stays what it is.
    """

    service: str
    account: str
    amounts: Mapping[date, Decimal]
    workload: str = ""
    principal: str = ""
    first_day: date | None = None
    jump: date | None = None


@dataclass(frozen=True, slots=True)
class CostPlan:
    """All that is on the bill: `accounts` maps account ids to names; `payer` pays for them.

    `name` is the export's. Amounts are in `currency`. With a `discount`, whole percents that AWS
    grants on its own services, the bill has net columns too.
    """

    payer: str
    accounts: Mapping[str, str]
    streams: tuple[Stream, ...]
    # What AWS grants each month, on Bedrock.
    credit: Decimal = Decimal(0)
    tax_percent: Decimal = field(default=Decimal("4.5"))
    name: str = "organisation"
    currency: str = "USD"
    discount: int = 0
