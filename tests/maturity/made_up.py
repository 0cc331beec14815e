"""Evidence made up at random, small enough to try everything that could be done about it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from maturity.evidence import (
    Approval,
    Charged,
    Charges,
    ConfirmedEstimate,
    Evidence,
    Opening,
    Subject,
    Unclaimed,
)
from valueboard.lib.months import add_months

LIMITS = {
    "attribution.walk": Decimal(80),
    "attribution.run": Decimal(90),
    "estimate.walk": Decimal(70),
    "estimate.run": Decimal(90),
    "approval.walk": Decimal(50),
    "approval.run": Decimal(90),
    "accuracy.walk_percent": Decimal(20),
    "accuracy.run_percent": Decimal(12),
    "accuracy.share": Decimal(70),
    "response.walk": Decimal(60),
    "response.run": Decimal(90),
    "response.days": Decimal(30),
}
VERSIONS_OF_ONE = 1
TODAY = date(2026, 11, 21)
MONTHS = [add_months(date(2025, 11, 1), k) for k in range(16)]
# Whole shares of 20, so that bounds are met to the dollar.
DOLLARS = st.sampled_from([Decimal(n) for n in (1, 5, 10, 10, 50, 80)])

days = st.dates(date(2025, 10, 1), TODAY)


@st.composite
def confirmed(draw: st.DrawFn) -> ConfirmedEstimate:
    first = draw(st.sampled_from(MONTHS))
    length = draw(st.integers(1, 6))
    return ConfirmedEstimate(draw(days), first, add_months(first, length))


@st.composite
def subjects(draw: st.DrawFn) -> tuple[Subject, ...]:
    def subject(number: int) -> Subject:
        planned = draw(st.none() | st.just(Decimal(100)))
        spent = (60, 79, 80, 81, 87, 88, 100, 112, 113, 120, 121, 300)
        spend = draw(st.none() | st.sampled_from([Decimal(n) for n in spent]))
        return Subject(
            number,
            f"Workload {number}",
            f"workload-{number}",
            draw(st.integers(1, 2)),
            tuple(sorted(draw(st.lists(confirmed(), max_size=3)), key=lambda c: c.day)),
            draw(st.none() | days),
            draw(st.booleans()),
            spend,
            planned,
            approved=draw(st.booleans()),
        )

    return tuple(subject(number) for number in range(1, draw(st.integers(0, 6)) + 1))


@st.composite
def charges(draw: st.DrawFn) -> Charges | None:
    if not draw(st.booleans()):
        return None
    given = draw(st.lists(DOLLARS, max_size=3))
    lacking = draw(st.lists(DOLLARS, max_size=4))
    return Charges(
        date(2026, 10, 1),
        "amortised",
        tuple(Charged(n, f"W{n}", f"w{n}", amount) for n, amount in enumerate(given)),
        tuple(
            Unclaimed(f"account:{n}" if draw(st.booleans()) else "", f"A{n}", "no rule", amount)
            for n, amount in enumerate(lacking)
        ),
    )


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    made = draw(subjects())
    near = st.sampled_from(
        [TODAY - timedelta(days=n) for n in (0, 1, 29, 30, 31, 119, 120, 121, 364, 365, 366)]
    )
    approvals = tuple(
        Approval(n, 1, "W", "w", draw(st.integers(1, 2)), day, draw(st.booleans()))
        for n, day in enumerate(draw(st.lists(near, max_size=5)))
    )
    openings = tuple(
        replace(
            Opening(n, "unbacked", str(n), "W", day, draw(st.sampled_from([None, 1, 2]))),
            resolved=_after(draw, day),
            actioned=_after(draw, day),
        )
        for n, day in enumerate(draw(st.lists(near, max_size=5)))
    )
    return Evidence(TODAY, LIMITS, draw(charges()), made, approvals, openings, date(2026, 10, 1))


def _after(draw: st.DrawFn, day: date) -> date | None:
    later = draw(st.sampled_from([None, 0, 29, 30, 31, 60]))
    return None if later is None else min(day + timedelta(days=later), TODAY)
