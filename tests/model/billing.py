"""What random organisations are charged, and the months that finance closes and opens."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from cur_ingest.actions import close_month, load_deliveries, reopen_month
from cur_ingest.closing import has_ended, month_states
from cur_ingest.reports import seen_of_month
from records.clock import now
from tests.cur_ingest.deliveries import write_manifest, write_parquet
from tests.model.events import (
    Delivered,
    MonthClosed,
    MonthReopened,
)
from tests.model.formulas import first_day
from tests.spend import bedrock

if TYPE_CHECKING:
    from tests.model.living import Life

# Numbers that the doubles of a delivery hold exactly, net of discounts too.
SPENT = ("0.25", "850.5", "1000", "12500.75")
NETS = ("1", "0.5", "0.75")


def deliver(life: "Life") -> str:
    """Deliver a month's bill, whole or to date: usage of some, and what is no usage."""
    pick, number = life.random.choice, len(life.before)
    moment = now().astimezone(UTC)
    month = 12 * moment.year + moment.month - 1 - pick([0, 0, 1, 1, 1, 2, 3])
    slugs = life.random.sample(sorted(life.held), k=life.random.randint(0, len(life.held)))
    spent = {slug: Decimal(pick(SPENT)) for slug in slugs}
    began = datetime.combine(first_day(month), time(), UTC)
    of_month = {
        "bill_billing_period_start_date": began,
        "line_item_usage_start_date": began,
    }
    net = Decimal(pick(NETS))
    kinds = {"Usage": "1", "Tax": "0.1", "Credit": "-0.2"}
    rows = [
        bedrock(
            slug,
            float(amount * Decimal(part)),
            line_item_net_unblended_cost=float(amount * Decimal(part) * net),
            line_item_line_item_type=kind,
            **of_month,
        )
        for slug, amount in spent.items()
        for kind, part in kinds.items()
    ]
    rows.append(bedrock("", 77.5, line_item_net_unblended_cost=77.5, **of_month))
    partition = f"BILLING_PERIOD={first_day(month):%Y-%m}"
    key = f"data/{partition}/ai-00001.snappy.parquet"
    write_parquet(life.folder / key, rows)
    write_manifest(life.folder, [key], execution=f"e-{number}", partition=partition)
    load_deliveries(actor=None, location=str(life.folder), periods=[first_day(month)])
    life.tell(Delivered(now(), month, tuple(spent.items()), net))
    return "deliver"


def close(life: "Life") -> str:
    """Close a month that is over, or open one again."""
    over = [
        state
        for period, state in month_states(now()).items()
        if has_ended(period, now()) and state.closing is None
    ]
    shut = [state for state in month_states(now()).values() if state.closing]
    opens = bool(shut) and (not over or life.random.random() < 0.3)
    if not opens and not over:
        return deliver(life)
    state = life.random.choice(shut if opens else over)
    (reopen_month if opens else close_month)(
        actor=life.cast.felix,
        period=state.period,
        seen=seen_of_month(state, now()),
        reason="The books.",
    )
    month = 12 * state.period.year + state.period.month - 1
    life.tell((MonthReopened if opens else MonthClosed)(now(), month))
    return "reopen" if opens else "close"
