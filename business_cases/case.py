"""A business case as a value, and what is wrong with one (METHOD 3). No Django."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from business_cases.projection import (
    MOST_MONTHS,
    Terms,
    declared_opportunity,
    largest_year,
)
from valueboard.lib import formats
from valueboard.lib.figure import ValueType

LARGEST_YEAR = Decimal(10) ** 12
LARGEST_AMOUNT = Decimal(10) ** 14
MOST_GROWTH, LEAST_GROWTH = Decimal(100), Decimal(-50)
MOST_PERCENT = Decimal(100)
MOST_GROW_PERCENT = Decimal(1000)
YEARS_APART = 20
DECIMALS_OF_PERCENT = 4
DECIMALS_OF_MONEY = 2


@dataclass(frozen=True)
class CaseTerms:
    """What somebody declares a workload to be worth.

    `current_amount` is dollars a year today, `percent` the expected relative change of it.
    """

    value_type: ValueType
    anchor: str
    current_amount: Decimal
    percent: Decimal
    period: str
    source: str
    basis: str
    net_of_review: str
    direction: str = ""
    mechanism: str = ""

    @cached_property
    def opportunity(self) -> Decimal:
        """Return the declared annual opportunity, to the cent."""
        return declared_opportunity(self.current_amount, self.percent)


def decimals_of(number: Decimal) -> int:
    """Return how many decimals a number has, trailing zeros aside."""
    # Not normalize(), which would round to 28 digits first.
    _, _, decimals = f"{number:f}".partition(".")
    return len(decimals.rstrip("0"))


def problems_of_estimate(terms: Terms, today: date) -> dict[str, str]:
    """Return what is wrong with an estimate, by field name; empty when nothing is."""
    problems: dict[str, str] = {}
    if terms.monthly <= 0:
        problems["monthly_amount"] = "The monthly amount must be above 0."
    elif decimals_of(terms.monthly) > DECIMALS_OF_MONEY:
        problems["monthly_amount"] = "Give the monthly amount to the cent at most."
    if not LEAST_GROWTH <= terms.growth <= MOST_GROWTH:
        problems["growth_percent"] = "Monthly growth must lie between −50% and 100%."
    elif decimals_of(terms.growth) > DECIMALS_OF_PERCENT:
        problems["growth_percent"] = "Give the growth with at most 4 decimals."
    if not 1 <= terms.months <= MOST_MONTHS:
        problems["months"] = f"The funding lasts 1 to {MOST_MONTHS} months."
    if abs(terms.first.year - today.year) > YEARS_APART:
        problems["first_month"] = f"The first month must lie within {YEARS_APART} years of today."
    elif not problems and terms.effective >= terms.end:
        problems["effective_month"] = "The funding is over before this month."
    if not problems and (terms.monthly > LARGEST_YEAR or largest_year(terms) > LARGEST_YEAR):
        problems["monthly_amount"] = "With this growth a funding year would cost more than 10¹²."
    return problems


def problems_of_case(case: CaseTerms) -> dict[str, str]:
    """Return what is wrong with a case, by field name; empty when nothing is."""
    problems: dict[str, str] = {}
    grows = case.value_type is ValueType.REVENUE_DRIVING and case.direction == "grow"
    most = MOST_GROW_PERCENT if grows else MOST_PERCENT
    if not 0 < case.percent <= most:
        problems["percent"] = f"The percentage must be above 0 and at most {formats.number(most)}%."
    elif decimals_of(case.percent) > DECIMALS_OF_PERCENT:
        problems["percent"] = "Give the percentage with at most 4 decimals."
    if case.current_amount <= 0:
        problems["current_amount"] = "The current annual amount must be above 0."
    elif case.current_amount > LARGEST_AMOUNT:
        problems["current_amount"] = "The current annual amount is larger than 10¹⁴."
    elif decimals_of(case.current_amount) > DECIMALS_OF_MONEY:
        problems["current_amount"] = "Give the current annual amount to the cent at most."
    chosen = {
        "net_of_review": (
            {"yes", "no", "not_known"},
            "Say whether human review of the output is taken off.",
        )
    }
    if case.value_type is ValueType.REVENUE_DRIVING:
        chosen |= {
            "direction": (
                {"grow", "protect"},
                "Say whether the workload grows or protects this revenue.",
            ),
            "mechanism": (
                {"conversion", "capacity", "churn", "other"},
                "Say how the revenue is driven.",
            ),
        }
    problems |= {
        field: message
        for field, (choices, message) in chosen.items()
        if getattr(case, field) not in choices
    }
    missing = {
        "anchor": "Name the process, tool or vendor, or the revenue stream.",
        "period": "Say which period the current amount covers.",
        "source": "Say where the current amount can be looked up.",
        "basis": "Say how you reached the percentage, so that finance can check it at review.",
    }
    return problems | {
        field: message for field, message in missing.items() if not getattr(case, field).strip()
    }
