"""The bill of the demo organisation: its plan of workloads as a plan of spend."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from cur_ingest.generation import CostPlan, Stream, surroundings
from demo.plan import FOREIGN, SHARED, SPACES, UNCLAIMED, WORKLOADS
from demo.plan.organisation import PAYER, PLANT, SANDBOX
from demo.plan.values import FIRST_MONTH
from demo.plan.workload import PlannedWorkload, RulePlan, Spend
from valueboard.lib.months import add_months, month_of

CREDIT = Decimal(2500)
# The private pricing that AWS grants, in percent.
DISCOUNT = 4
OTHER_ACCOUNTS = {PAYER: "Organisation", PLANT: "Maintenance plant", SANDBOX: "Sandbox"}
# A loop that called itself: a day of this workload stands out, and asks whether it is over plan.
JUMPED, JUMPED_AGO = "product-descriptions", timedelta(days=3)
_SPACE_ACCOUNTS = {space.name: space.account for space in SPACES}


def months_until(today: date, count: int = 1 - FIRST_MONTH) -> list[date]:
    """Return the first days of the last `count` months, the current one last."""
    return [add_months(month_of(today), offset) for offset in range(1 - count, 1)]


def cost_plan(today: date) -> CostPlan:
    """Return what the demo organisation spends in the 14 months up to `today`."""
    months = months_until(today)
    accounts = {space.account: space.name for space in SPACES} | OTHER_ACCOUNTS
    streams = [
        *(stream for planned in WORKLOADS for stream in _streams(planned, today)),
        *(
            Stream(
                unclaimed.spend.service,
                unclaimed.account,
                _amounts(unclaimed.spend, unclaimed.principal or unclaimed.account, today),
                principal=unclaimed.principal,
            )
            for unclaimed in UNCLAIMED
        ),
        Stream(
            SHARED.spend.service,
            SHARED.account,
            _amounts(SHARED.spend, SHARED.principal, today),
            principal=SHARED.principal,
        ),
        *surroundings(accounts, PAYER, months),
    ]
    return CostPlan(PAYER, accounts, tuple(streams), credit=CREDIT, discount=DISCOUNT)


def foreign_plan(today: date) -> CostPlan:
    """Return what the second payer spends, in its currency, since it joined."""
    ai = FOREIGN.ai
    accounts = {FOREIGN.payer: "India", FOREIGN.account: "India, development"}
    months = months_until(today, 1 - FOREIGN.first)
    stream = Stream(
        ai.spend.service,
        ai.account,
        _amounts(ai.spend, ai.principal, today),
        principal=ai.principal,
    )
    return CostPlan(
        FOREIGN.payer,
        accounts,
        (stream, *surroundings(accounts, FOREIGN.payer, months)),
        tax_percent=Decimal(18),
        name=FOREIGN.name,
        currency=FOREIGN.currency,
    )


def _streams(planned: PlannedWorkload, today: date) -> Iterator[Stream]:
    """Yield a workload's spend: tagged, unless finance goes by something else."""
    rule = planned.rule or RulePlan()
    for spend in planned.spend:
        first = add_months(month_of(today), spend.first)
        yield Stream(
            spend.service,
            rule.account or _SPACE_ACCOUNTS[planned.space],
            _amounts(spend, planned.slug, today),
            workload="" if rule.account or rule.service else planned.slug,
            first_day=first.replace(day=spend.first_day),
            jump=today - JUMPED_AGO if planned.slug == JUMPED else None,
        )


def _amounts(spend: Spend, name: str, today: date) -> dict[date, Decimal]:
    months = months_until(today)
    amounts = {
        month: spend.amount(offset, name)
        for offset, month in zip(range(FIRST_MONTH, 1), months, strict=True)
    }
    return {month: amount for month, amount in amounts.items() if amount}
