"""What counts in a measure at its edges, and why a row does or doesn't."""

from datetime import date
from decimal import Decimal

import pytest

from maturity.counting import estimates, is_in_time, share_of
from maturity.evidence import ConfirmedEstimate, Evidence, Subject
from maturity.score import Measure, Share
from tests.maturity.made_up import LIMITS, TODAY


def confirmed(day: str, first: str, end: str) -> ConfirmedEstimate:
    """An estimate that was confirmed on a day, and its months: `2026-06-30`, `2026-07`."""
    begins, after = (date.fromisoformat(f"{month}-01") for month in (first, end))
    return ConfirmedEstimate(date.fromisoformat(day), begins, after)


LATE = confirmed("2026-02-01", "2026-01", "2026-07")


@pytest.mark.parametrize(
    ("later", "in_time"),
    [
        ([confirmed("2026-06-30", "2026-07", "2027-01")], True),
        # In its own first month it is late too.
        ([confirmed("2026-07-01", "2026-07", "2027-01")], False),
        # It only begins later than what it takes the place of.
        ([confirmed("2026-05-01", "2026-06", "2027-01")], False),
        # It begins after the one before it, but not after all that was funded.
        (
            [
                confirmed("2026-02-15", "2026-03", "2026-05"),
                confirmed("2026-05-15", "2026-06", "2027-01"),
            ],
            False,
        ),
    ],
)
def test_a_late_estimate_stays_late_until_a_renewal_before_its_own_first_month(
    later: list[ConfirmedEstimate], *, in_time: bool
) -> None:
    assert is_in_time([LATE, *later], date(2026, 1, 5)) is in_time


def test_beside_the_number_of_workloads_stands_what_was_spent_on_them() -> None:
    """A month that gave back more than it charged weighs nothing."""

    def subject(number: int, spend: str | None, *, planned: bool, declared: bool) -> Subject:
        return Subject(
            number,
            f"W{number}",
            f"w{number}",
            1,
            (confirmed("2025-12-31", "2026-01", "2027-01"),) if planned else (),
            date(2026, 1, 5),
            declared,
            Decimal(spend) if spend else None,
        )

    found = estimates(
        Evidence(
            TODAY,
            LIMITS,
            subjects=(
                subject(1, "30", planned=True, declared=False),
                subject(2, "70", planned=False, declared=True),
                subject(3, "-20", planned=True, declared=True),
                subject(4, None, planned=True, declared=True),
            ),
        )
    )
    assert {measure: share_of(rows) for measure, rows in found.items()} == {
        Measure.CONFIRMED: Share(Decimal(3), Decimal(4)),
        Measure.BACKED: Share(Decimal(3), Decimal(4)),
        Measure.CONFIRMED_SPEND: Share(Decimal(30), Decimal(100)),
        Measure.BACKED_SPEND: Share(Decimal(70), Decimal(100)),
    }
