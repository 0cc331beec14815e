"""Spend for tests that need some: a small delivery of September 2026, loaded through the product.

Bedrock usage carries the tag `workload`; a rule per workload gives it away. Where more months are
needed, `load_months` has the generator write them.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts.models import User
from cur_ingest.actions import RuleTerms, add_rule, close_month, load_deliveries
from cur_ingest.closing import month_states
from cur_ingest.generation import CostPlan, Stream, write_month
from cur_ingest.models import MonthClosing
from cur_ingest.reports import seen_of_month
from records.clock import now
from spaces.models import Workload
from tests.cast import Cast
from tests.cur_ingest.deliveries import deliver
from valueboard.lib.months import add_months


def bedrock(tag: str, cost: float, **more: Any) -> dict[str, Any]:
    """Return one row of Bedrock usage; an empty tag is none."""
    return {
        "line_item_product_code": "AmazonBedrock",
        "line_item_usage_type": "USE1-NovaLite-input-tokens",
        "line_item_unblended_cost": cost,
        "resource_tags": {"user_workload": tag} if tag else {},
    } | more


def load(folder: Path, *rows: dict[str, Any], execution: str = "e-1") -> None:
    """Load one delivery of September 2026."""
    deliver(folder, list(rows), execution=execution)
    load_deliveries(actor=None, location=str(folder))


def rule_for(actor: User, workload: Workload, tag: str) -> None:
    """Give the spend of a tag to a workload."""
    terms = RuleTerms(priority=10, workload=workload, tag_key="workload", tag_value=tag)
    add_rule(actor=actor, terms=terms, reason="Tagged so.", include_closed=True)


def close_september(cast: Cast, reason: str = "The books are closed.") -> MonthClosing:
    """Have finance close the month that `load` loads."""
    period = date(2026, 9, 1)
    seen = seen_of_month(month_states(now())[period], now())
    return close_month(actor=cast.felix, period=period, seen=seen, reason=reason)


def load_months(
    folder: Path,
    travel: Callable[[datetime], None],
    months: Mapping[date, Mapping[str, str]],
    *,
    until: date | None = None,
) -> None:
    """Load one complete delivery per month, as it would come on the 20th of the next one.

    `months` maps first days to dollars by tag, of whole months. With `until` they are loaded on
    that day, up to it. The clock stays where the last load was.
    """
    for month, amounts in months.items():
        streams = tuple(
            Stream("claude", "111122223333", {month: Decimal(amount)}, workload=tag)
            for tag, amount in amounts.items()
        )
        plan = CostPlan("111122223333", {"111122223333": "All of it"}, streams)
        after = add_months(month, 1)
        travel(datetime.combine(until or after.replace(day=20), time(12), UTC))
        write_month(folder, plan, month, until=until or after, seed=1, rows=None)
        load_deliveries(actor=None, location=str(folder))


def closed_periods(known_at: datetime) -> list[date]:
    """Return the closed months, oldest first."""
    return [period for period, state in month_states(known_at).items() if state.closed]
